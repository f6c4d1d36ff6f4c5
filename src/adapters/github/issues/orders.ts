import type { Said } from '../../../core/model/forge.ts';
import { beginsAsOrder, type SpokenOrder } from '../../../core/review/spoken-orders.ts';
import type { Where } from '../login/repository.ts';
import type { Api } from '../rest/api.ts';
import { listAll } from '../rest/list.ts';
import { commentShape, datedCommentShape, reactionShape } from '../rest/shapes.ts';

/** A text with a mark of ours in it is one that tac8 wrote. */
const OURS = '<!-- tac8:';

/**
 * Comments since then that begin as an order does, or stand where an answer is awaited, by persons who may write now, oldest first. One that was
 * edited is none: who knows by whom.
 */
export async function ordersSince(
  api: Api,
  where: Where,
  mayWrite: (login: string, signal: AbortSignal) => Promise<boolean>,
  since: number,
  isAwaited: (issue: number) => boolean,
  signal: AbortSignal,
): Promise<readonly SpokenOrder[]> {
  const { owner, name } = await where(signal);
  const out = api.endpoint('GET /repos/{owner}/{repo}/issues/comments', {
    ...{ owner, repo: name, sort: 'updated', direction: 'desc', per_page: 100 },
    // Whole seconds, as GitHub has them.
    since: new Date(Math.floor(since / 1000) * 1000).toISOString(),
  });
  const found: SpokenOrder[] = [];
  for (const { id, user, body, issue_url, created_at, updated_at } of await listAll(api, out, datedCommentShape, { signal })) {
    const issue = Number(/\/(?:issues|pulls)\/(\d{1,15})$/.exec(issue_url)?.[1] ?? 0);
    if (user?.type !== 'User' || created_at !== updated_at || issue === 0 || body.includes(OURS)) continue;
    if (!beginsAsOrder(body) && !isAwaited(issue)) continue;
    if (await mayWrite(user.login, signal)) found.push({ id, issue, author: user.login, at: created_at, body });
  }
  return found.reverse();
}

/** So many comments are told, the newest. */
const TOLD = 30;

/**
 * What persons who may write now said under an issue, oldest first. Comments of others, of bots and of tac8 itself are left out, and so are
 * orders: they were meant for tac8.
 */
export async function discussionOf(
  api: Api,
  where: Where,
  mayWrite: (login: string, signal: AbortSignal) => Promise<boolean>,
  issue: number,
  signal: AbortSignal,
): Promise<readonly Said[]> {
  const { owner, name } = await where(signal);
  const out = api.endpoint('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', {
    owner,
    repo: name,
    issue_number: issue,
    per_page: 100,
  });
  const said: Said[] = [];
  for (const { user, body } of (await listAll(api, out, commentShape, { signal })).toReversed()) {
    if (said.length >= TOLD) break;
    if (user?.type !== 'User' || body.trim() === '' || body.includes(OURS) || beginsAsOrder(body)) continue;
    if (await mayWrite(user.login, signal)) said.push({ author: user.login, body });
  }
  return said.toReversed();
}

/** Shows that it was heard; again and again is once. */
export async function acknowledge(api: Api, where: Where, comment: number, signal: AbortSignal): Promise<void> {
  const { owner, name } = await where(signal);
  const out = api.endpoint('POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions', {
    ...{ owner, repo: name, comment_id: comment, content: 'eyes' as const },
  });
  await api.change(out, reactionShape, signal);
}
