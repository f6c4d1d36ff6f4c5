import type { z } from 'zod';
import { board, boardBody, boardDraft, boardEdit } from '../desk/board.ts';
import { plan } from '../desk/plan.ts';
import { repositories, repositoryBody } from '../desk/repositories.ts';
import { setup } from '../desk/setup.ts';
import { change } from '../events.ts';
import { history, stats, timeline } from '../history.ts';
import { failed, spend } from '../parts.ts';
import { QUERIES } from '../queries.ts';
import { pullRow, runRow, taskRow } from '../row.ts';
import { state, warning } from '../state.ts';
import { historyEntry, runDetail, taskDetail, taskPage, taskRuns } from '../task.ts';
import { hit, logHits, newSteps, outline, step, transcriptHits, transcriptPage } from '../transcript.ts';
import { BODIES, done, link, previewed, type Verb } from '../verbs.ts';
import { why } from '../why.ts';
import { diff, savedWork } from '../work.ts';

/** An address of the API. */
export interface Route {
  readonly method: 'get' | 'post';
  /** Below `/api/v1`, parts in braces. */
  readonly path: string;
  readonly about: string;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  readonly answer: z.ZodType | null;
  /** The answer is a stream of these events. */
  readonly stream?: true;
}

const get = (path: string, about: string, answer: Route['answer'], query: z.ZodType = QUERIES.none): Route => ({
  ...{ method: 'get', path, about, answer, query },
});
const post = (path: string, about: string, verb: Verb): Route => ({ method: 'post', path, about, body: BODIES[verb], answer: done });

/** Shapes by the names that the OpenAPI document gives them. */
export const SHAPES = {
  ...{ State: state, Change: change, TaskRow: taskRow, RunRow: runRow, PullRow: pullRow, TaskPage: taskPage, TaskDetail: taskDetail },
  ...{ TaskRuns: taskRuns, RunDetail: runDetail, HistoryEntry: historyEntry, Transcript: transcriptPage, Step: step, NewSteps: newSteps },
  ...{ Hit: hit, TranscriptHits: transcriptHits, LogHits: logHits, Outline: outline },
  ...{ Board: board, BoardDraft: boardDraft, Plan: plan, Setup: setup, Repositories: repositories },
  ...{ Diff: diff, SavedWork: savedWork, Why: why, Timeline: timeline, Stats: stats, History: history },
  ...{ Done: done, Previewed: previewed, Link: link, Spend: spend, Warning: warning, Failed: failed },
} as const;

const TASK = '/tasks/{task}';

/** All of them. */
export const ROUTES: readonly Route[] = [
  get('/state', 'The fleet as it is now', state),
  { ...get('/events', 'The state, then what changes', change), stream: true },
  get('/tasks', 'Tasks of any age', taskPage, QUERIES.tasks),
  get(TASK, 'All that is known of a task', taskDetail),
  get(`${TASK}/runs`, 'Its runs', taskRuns),
  get(`${TASK}/transcript`, 'What its agent said and did', transcriptPage, QUERIES.transcript),
  { ...get(`${TASK}/transcript/follow`, 'The same as it is written', newSteps, QUERIES.follow), stream: true },
  get(`${TASK}/transcript/step`, 'One step whole', step, QUERIES.step),
  get(`${TASK}/transcript/hits`, 'The steps that hold some words', transcriptHits, QUERIES.hits),
  get(`${TASK}/transcript/outline`, 'What stands where in a run, and its cost so far', outline, QUERIES.outline),
  get(`${TASK}/transcript/picture`, 'A picture in a result, as its bytes', null, QUERIES.picture),
  get('/search', 'The steps of every log that hold some words', logHits, QUERIES.search),
  get(`${TASK}/diff`, 'What it has changed', diff, QUERIES.diff),
  get(`${TASK}/saved`, 'Its snapshots', savedWork),
  get(`${TASK}/why`, 'Why it is where it is', why),
  get('/timeline', 'Runs as bars', timeline, QUERIES.timeline),
  get('/stats', 'What runs came to', stats, QUERIES.stats),
  get('/history', 'What happened', history, QUERIES.history),
  get('/requests/{id}', 'What came of a change that was not answered in time', done),
  get('/openapi.json', 'This document', null),
  get('/plan', 'What the next look would do', plan),
  get('/setup', 'What `tac8 doctor` finds, and the settings in force', setup),
  get('/repositories', 'What this person’s daemons serve on this machine', repositories),
  get('/board', 'tasks.md as it is now', board),
  {
    method: 'post',
    path: '/board/draft',
    about: 'What an edit of tasks.md would do; nothing is written',
    body: boardEdit,
    answer: boardDraft,
  },
  { method: 'post', path: '/board', about: 'Save an edit of tasks.md, merged with what stands there now', body: boardBody, answer: done },
  post('/board/accept', 'Take a held edit of tasks.md in as it is', 'accept-edit'),
  post('/board/restore', 'Put tasks.md back over a held edit, which is kept as a copy', 'restore-board'),
  post('/tasks', 'Put a local task into the queue', 'add'),
  post(`${TASK}/stop`, 'End its worker and save its work', 'stop'),
  post(`${TASK}/kill`, 'End its process tree now and save its work', 'kill'),
  post(`${TASK}/cancel`, 'Stop it and do not start it again by itself', 'cancel'),
  post(`${TASK}/retry`, 'A fresh attempt, or on in the same conversation', 'retry'),
  post(`${TASK}/approve`, 'Let a push go that waits for a person', 'approve'),
  post(`${TASK}/restore`, 'Put saved work back into its worktree', 'restore'),
  post(`${TASK}/pause`, 'Hold it back', 'pause'),
  post(`${TASK}/resume`, 'Let it go on', 'resume'),
  post(`${TASK}/priority`, 'Change its priority', 'priority'),
  post(`${TASK}/tell`, 'Tell its agent something', 'tell'),
  { ...post(`${TASK}/preview`, 'A link to a server that its worker has started', 'preview'), answer: previewed },
  post('/pause', 'Start nothing new', 'pause'),
  post('/resume', 'Let the fleet go on', 'resume'),
  { method: 'post', path: '/repositories/link', about: 'A link into the page of another of them', body: repositoryBody, answer: link },
  { method: 'post', path: '/links', about: 'Another link for a browser', answer: link },
];
