import type { TaskRow, Verb } from '../link/contract.ts';

/** Something a person can have done to a task. */
export interface Act {
  readonly name: string;
  readonly verb: Verb;
  readonly key: string;
  readonly isFor: (task: TaskRow) => boolean;
  /** What it costs; asked before it is done, since work could end. Null: it is done at once, or when its words are there. */
  readonly ends: string | null;
  readonly words: { readonly label: string; readonly field: 'message' | 'text' | 'reason' | 'port'; readonly needed: boolean } | null;
  readonly body?: Readonly<Record<string, unknown>>;
  /** Stands out among what can be done to this task; left out: never. */
  readonly isMain?: (task: TaskRow) => boolean;
}

const always = (): boolean => true;
/** It has ended, one way or the other. */
const isOver = ({ state }: TaskRow): boolean => state === 'failed' || state === 'completed' || state === 'review';
/** Attempts at it are at work side by side: a word about it is for all of them. */
const races = ({ state, race }: TaskRow): boolean => state === 'pending' && race !== null && race.winner === null;
const lives = (task: TaskRow): boolean => races(task) || (task.state === 'active' && task.run !== null && task.run.state !== 'settled');

export const ACTS: readonly Act[] = [
  {
    ...{ name: 'Approve', verb: 'approve', key: 'A', isFor: ({ awaits_approval: held }) => held, isMain: always },
    ends: 'That commit is pushed as it is. See what it changes first, under Changes.',
    words: null,
  },
  {
    ...{ name: 'Answer', verb: 'retry', key: 'a', isFor: ({ state }) => state === 'blocked', ends: null },
    isMain: ({ awaits_approval: held }) => !held,
    words: { label: 'What the agent is told; it goes on in the same conversation', field: 'message', needed: true },
    body: { continue: true },
  },
  {
    ...{ name: 'Tell', verb: 'tell', key: 't', isFor: lives, ends: null },
    words: { label: 'Taken up after the tool call in hand', field: 'text', needed: true },
  },
  {
    ...{ name: 'Stop', verb: 'stop', key: 's', isFor: lives },
    ends: 'The agent is asked to leave, then made to. Its work is saved first.',
    words: { label: 'Why (shown on the board and the issue)', field: 'reason', needed: false },
  },
  {
    ...{ name: 'Kill', verb: 'kill', key: 'x', isFor: lives },
    ends: 'All its processes end at once. What it has written to its files is saved.',
    words: { label: 'Why (shown on the board and the issue)', field: 'reason', needed: false },
  },
  {
    ...{ name: 'Preview', verb: 'preview', key: 'v', isFor: ({ run }) => run?.pid != null && run.machine === null, ends: null },
    words: { label: 'The port at which a server of its worker listens', field: 'port', needed: true },
  },
  {
    ...{ name: 'Retry', verb: 'retry', key: 'r', isFor: (task) => isOver(task) || task.state === 'blocked', ends: null },
    isMain: ({ state }) => state === 'failed',
    words: { label: 'What the agent is told first; may stay empty', field: 'message', needed: false },
  },
  {
    ...{ name: 'Go on', verb: 'retry', key: 'c', isFor: (task) => isOver(task) && task.run !== null, ends: null },
    words: { label: 'What the agent is told; it goes on in the same conversation', field: 'message', needed: false },
    body: { continue: true },
  },
  {
    name: 'Pause',
    verb: 'pause',
    key: 'p',
    isFor: ({ state, paused_at }) => state === 'pending' && paused_at === null,
    ends: null,
    words: null,
  },
  { name: 'Resume', verb: 'resume', key: 'p', isFor: ({ paused_at }) => paused_at !== null, ends: null, words: null, isMain: always },
  {
    ...{ name: 'Cancel', verb: 'cancel', key: 'X', isFor: ({ state }) => state === 'pending' || state === 'blocked' },
    ends: 'The task is given up. A retry takes it up again.',
    words: { label: 'Why (shown on the board and the issue)', field: 'reason', needed: false },
  },
];

export const actsFor = (task: TaskRow): readonly Act[] => ACTS.filter(({ isFor }) => isFor(task));
