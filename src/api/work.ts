import { z } from 'zod';
import { list, moment } from './parts.ts';

/** What a task has changed; the same that `tac8 diff` shows. */
export const diff = z.object({
  at: moment().describe('When git was asked'),
  task: z.string(),
  from: z
    .object({ kind: z.enum(['worktree', 'branch', 'snapshot']), name: z.string(), at: moment().nullable() })
    .describe('Where the newest work stands: a path, a branch or a ref'),
  base: z.string().describe('The commit that it is compared with'),
  files: list(
    z.object({
      path: z.string(),
      status: z.enum(['added', 'deleted', 'modified', 'type changed', 'unmerged']),
      added: z.int().nullable().describe('Lines; null for a binary file'),
      removed: z.int().nullable(),
    }),
  ),
  patch: z.string().describe('As git prints it; of one file where `file` names it. Cut where it is very long'),
  cut: z.boolean().describe('The patch is longer than what is given here: ask for one file'),
  inside: list(z.string()).describe('Repositories inside of the worktree: not shown'),
});

/** Snapshots of a task, newest first; the same that `tac8 restore --list` shows. */
export const savedWork = z.object({
  at: moment(),
  task: z.string(),
  saved: list(
    z.object({
      ref: z.string(),
      name: z.string(),
      commit: z.string(),
      at: moment(),
      run: z.string(),
      reason: z.string(),
      incomplete: z.string().nullable().describe('What it lacks; null: nothing'),
      paths: list(z.string()),
      bytes: z.int(),
      commits: z.int().describe('Commits that no branch holds'),
    }),
  ),
});

export type Diff = z.infer<typeof diff>;
export type SavedWork = z.infer<typeof savedWork>;
