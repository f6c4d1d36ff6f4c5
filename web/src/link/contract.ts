/** What the daemon answers, from its own definition. The page imports its types, and nothing else of tac8. */
export type { Board, BoardChange, BoardDraft } from '../../../src/api/desk/board.ts';
export type { Plan } from '../../../src/api/desk/plan.ts';
export type { Repositories } from '../../../src/api/desk/repositories.ts';
export type { Setup } from '../../../src/api/desk/setup.ts';
export type { Change } from '../../../src/api/events.ts';
export type { Stats, Timeline } from '../../../src/api/history.ts';
export type { PullRow, RunRow, TaskRow } from '../../../src/api/row.ts';
export type { State } from '../../../src/api/state.ts';
export type { TaskDetail, TaskPage, TaskRuns } from '../../../src/api/task.ts';
export type { HitJson, LogHits, OutlineJson as Outline, Step, TranscriptHits, TranscriptPage } from '../../../src/api/transcript.ts';
export type { Bodies, Done, Previewed, Verb } from '../../../src/api/verbs.ts';
export type { Why } from '../../../src/api/why.ts';
export type { Diff, SavedWork } from '../../../src/api/work.ts';
