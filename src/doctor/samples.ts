import type { Issue } from '../core/forge.ts';
import { EMPTY_STREAM, type Run } from '../core/run.ts';
import type { Task } from '../core/task.ts';

/** What a template is tried on. */
export const SAMPLE_ISSUE: Issue = {
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
};

export const SAMPLE_TASK: Task = {
  ...{ id: 'gh-1', title: 'A title', priority: 2, labels: [], addedAt: 0, armedBy: 'label', order: null, branch: 'auto/gh-1' },
  ...{ attempts: 1, runs: 2, pull: null, pausedAt: null, version: 1 },
  ...{ state: 'active', run: 'w-000000', startedAt: 0, last: null },
};

/** A second attempt: what a template says only then is tried, too. */
export const SAMPLE_RUN: Run = {
  ...{ id: 'w-000000', task: 'gh-1', attempt: 2, createdAt: 0, session: '', resumes: null, wanted: null, inputEnded: false },
  ...{ agent: { kind: 'claude', model: null }, stream: EMPTY_STREAM, settlement: {}, problem: null, version: 1 },
  state: 'preparing',
};
