import type { Said } from '../../../core/model/forge.ts';
import { beginsAsOrder, type SpokenOrder } from '../../../core/review/spoken-orders.ts';
import type { Remark, Remarks } from '../glance/remarks.ts';
import type { Where } from '../login/repository.ts';
import type { Api } from '../rest/api.ts';
import { fromTheEnd, listAll } from '../rest/list.ts';
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
  remarks: Remarks,
  mayWrite: (login: string, signal: AbortSignal) => Promise<boolean>,
  since: number,
  isAwaited: (issue: number) => boolean,
  signal: AbortSignal,
): Promise<readonly SpokenOrder[]> {
  // Whole seconds, as GitHub has them.
  const from = Math.floor(since / 1000) * 1000;
  const found: SpokenOrder[] = [];
  for (const { id, user, body, issue, createdAt, updatedAt } of remarks.since(from) ??
    (await askForRemarks(api, where, remarks, from, signal))) {
    if (user?.type !== 'User' || createdAt !== updatedAt || issue === 0 || body.includes(OURS)) continue;
    if (!beginsAsOrder(body) && !isAwaited(issue)) continue;
    if (await mayWrite(user.login, signal)) found.push({ id, issue, author: user.login, at: createdAt, body });
  }
  return found.reverse();
}

async function askForRemarks(api: Api, where: Where, remarks: Remarks, from: number, signal: AbortSignal): Promise<readonly Remark[]> {
  const { owner, name } = await where(signal);
  const out = api.endpoint('GET /repos/{owner}/{repo}/issues/comments', {
    ...{ owner, repo: name, sort: 'updated', direction: 'desc', per_page: 100 },
    since: new Date(from).toISOString(),
  });
  const said = (await listAll(api, out, datedCommentShape, { signal })).map(
    ({ id, user, body, issue_url, created_at, updated_at }): Remark => ({
      ...{ id, user, body, createdAt: created_at, updatedAt: updated_at },
      issue: Number(/\/(?:issues|pulls)\/(\d{1,15})$/.exec(issue_url)?.[1] ?? 0),
    }),
  );
  remarks.begin(from, said);
  return said;
}

/** So many comments are told, the newest. */
const TOLD = 30;
/** Pages of a hundred in which they are looked for. */
const LOOKED_AT = 10;

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
  let looked = 0;
  await fromTheEnd(api, out, commentShape, { signal }, async (comments) => {
    for (const { user, body } of comments) {
      if (said.length >= TOLD) return false;
      if (user?.type !== 'User' || body.trim() === '' || body.includes(OURS) || beginsAsOrder(body)) continue;
      if (await mayWrite(user.login, signal)) said.push({ author: user.login, body });
    }
    looked += 1;
    return looked < LOOKED_AT;
  });
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
