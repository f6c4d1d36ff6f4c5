import type { TurnEnd } from '../../core/model/run.ts';
import type { Said } from './events.ts';

type Words = Pick<Said<'turn_end'>, 'isError' | 'subtype' | 'terminalReason'>;

/** The words of a run's log for each end of a turn: those that Claude Code has for it. */
const WORDS: Readonly<Record<TurnEnd, Words>> = {
  completed: { isError: false, subtype: 'success', terminalReason: 'completed' },
  ended: { isError: false, subtype: 'success', terminalReason: null },
  interrupted: { isError: true, subtype: 'error_during_execution', terminalReason: 'aborted_streaming' },
  stopped: { isError: false, subtype: 'success', terminalReason: 'hook_stopped' },
  turns: { isError: true, subtype: 'error_max_turns', terminalReason: 'max_turns' },
  dollars: { isError: true, subtype: 'error_max_budget_usd', terminalReason: 'budget_exhausted' },
  failed: { isError: true, subtype: 'error_during_execution', terminalReason: 'failed' },
  refused: { isError: true, subtype: 'success', terminalReason: 'api_error' },
};

/** The end of a turn of an agent that is not Claude Code. */
export const turnEnded = (end: TurnEnd, more: Partial<Said<'turn_end'>> = {}): Said<'turn_end'> => ({
  ...{ kind: 'turn_end', end, ...WORDS[end], apiErrorStatus: null, text: '' },
  ...{ durationMs: null, turns: null, spent: null, total: null },
  ...more,
});
