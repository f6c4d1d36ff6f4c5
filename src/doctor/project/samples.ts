import type { ReadIssue } from '../../agents/ground/prompt.ts';
import type { Run } from '../../core/model/run.ts';
import type { Task } from '../../core/model/task.ts';

/** What a template is tried on. */
export const SAMPLE_ISSUE: ReadIssue = {
  number: 1,
  print: '',
  title: 'A title',
  body: 'A body.',
  author: 'someone',
  labels: ['rpi-auto'],
  url: 'https://github.com/owner/name/issues/1',
  createdAt: 0,
  updatedAt: 0,
  state: 'open',
  shown: { text: 'A body.', left: 0, taken: [], plain: null },
};

export const SAMPLE_TASK: Task = {
  ...{ id: 'gh-1', title: 'A title', priority: 2, labels: [], addedAt: 0, armedBy: 'label', order: null, branch: 'auto/gh-1' },
  ...{ attempts: 1, runs: 2, pull: null, pausedAt: null, version: 1 },
  ...{ state: 'active', run: 'w-000000', startedAt: 0, last: null },
};

/** A second attempt: what a template says only then is tried, too. */
export const SAMPLE_RUN: Pick<Run, 'attempt'> = { attempt: 2 };
