import type { Action } from './plan.ts';

/** What a step of a run does, as the subject of a sentence: "the push did not work". */
const STEPS: Readonly<Record<Action['kind'], string>> = {
  prepare: 'making the worktree',
  launch: 'starting the agent',
  abort: 'giving up what was under way',
  rung: 'ending the agent',
  sweep: 'ending what outlived the agent',
  tell: 'telling the agent',
  'end-input': 'closing the agent’s input',
  'put-aside': 'putting its STOP file aside',
  save: 'saving its work',
  mend: 'setting git right',
  commit: 'committing what was left',
  inspect: 'looking at its work',
  verify: 'running pulls.verify',
  push: 'the push',
  'open-pull': 'opening the pull request',
  'log-end': 'closing its log',
  comment: 'the comment on the issue',
};

export const stepWords = (step: string): string => (Object.hasOwn(STEPS, step) ? STEPS[step as Action['kind']] : step);
