import type { Settlement } from '../model/run.ts';
import type { RunEvent } from '../model/run-transition.ts';
import type { TaskEvent } from '../model/task-transition.ts';

type Kind = RunEvent['kind'] | TaskEvent['kind'] | keyof Settlement;

/** What a line of the history is about, as people read it; a kind that has no words does not compile. */
const EVENTS: Readonly<Record<Kind, string>> = {
  started: 'started',
  prepared: 'worktree',
  launched: 'launched',
  told: 'message kept',
  saying: 'message said',
  unsaid: 'message waits',
  untold: 'message kept',
  warned: 'warned',
  stop: 'to be ended',
  rung: 'being ended',
  'input-ended': 'input closed',
  swept: 'rest ended',
  ended: 'ended',
  stream: 'read',
  explained: 'reason',
  reworded: 'reason',
  saved: 'saved',
  mended: 'git set right',
  wip: 'committed',
  inspection: 'looked at',
  step: 'judged',
  outcome: 'judged',
  verified: 'verified',
  held: 'push held',
  approved: 'approved',
  pushed: 'pushed',
  overtaken: 'not pushed',
  pull: 'pull',
  counted: 'counted',
  logged: 'log closed',
  commented: 'commented',
  problem: 'problem',
  settled: 'settled',
  again: 'tried again',
  completed: 'completed',
  failed: 'failed',
  blocked: 'asks',
  reviewed: 'pull over',
  reopened: 'pull open again',
  over: 'pull over',
  round: 'further round',
  deliver: 'delivered anew',
  delivering: 'delivered anew',
  armed: 'armed',
  rearmed: 'armed again',
  described: 'changed',
  prioritised: 'priority',
  assigned: 'agent chosen',
  ordered: 'moved',
  paused: 'paused',
  waits: 'waits',
  raced: 'side by side',
  won: 'chosen',
  spent: 'spent',
};

/** `inspection mended` was one step: the first of them says what it was for. */
export function eventWords(event: string): string {
  const [first = ''] = event.split(' ');
  return Object.hasOwn(EVENTS, first) ? EVENTS[first as Kind] : event.replaceAll(/[-_]/g, ' ');
}

/** How wide the longest of them is. */
export const EVENT_WIDTH = Math.max(...Object.values(EVENTS).map(({ length }) => length));
