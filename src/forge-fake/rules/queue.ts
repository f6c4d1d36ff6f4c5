import type { Pull } from '../shape/shapes-pull.ts';
import { barePath, type Fake } from '../state/fake.ts';
import { mergeTree, runGit } from '../state/git.ts';
import { putUser } from '../state/people.ts';
import { addCheckRun, type NewCheckRun } from './checks.ts';
import { record } from './issues.ts';

export const QUEUE_BOT = 'github-merge-queue[bot]';

/** Out of the queue, as GitHub does it: with a commit of the queue's own that its checks were run on, and nothing left of auto-merge. */
export async function dequeue(
  fake: Fake,
  one: Pull,
  { reason, failing, as }: { readonly reason: string; readonly failing: readonly NewCheckRun[]; readonly as: string },
): Promise<void> {
  const { pull } = one;
  if (as === QUEUE_BOT) putUser(fake, { login: QUEUE_BOT, role: 'none', type: 'Bot' });
  const bare = barePath(fake);
  const tree = await mergeTree(bare, pull.base.sha, pull.head.sha);
  const group =
    tree === null ? null : (await runGit(bare, ['commit-tree', tree, '-p', pull.base.sha, '-p', pull.head.sha, '-m', 'queue'])).out.trim();
  if (group !== null) for (const check of failing) addCheckRun(fake, group, check);
  delete pull.queuedBy;
  pull.autoMerge = null;
  record(fake, one, as, 'removed_from_merge_queue', { reason, ...(group === null ? {} : { commit: group }) });
  fake.store.touch();
}
