import type { z } from 'zod';
import type { Where } from '../login/repository.ts';
import type { Api } from '../rest/api.ts';
import { fromTheEnd, fromTheStart } from '../rest/list.ts';
import { GitHubError } from '../rest/problem.ts';
import { commentShape } from '../rest/shapes.ts';
import { fitBody } from '../write/fit.ts';

type Comment = z.output<typeof commentShape>;

/**
 * The comment of our own that holds the marker, or null. Anyone can copy a marker, so the author counts; where GitHub
 * does not tell our login (an App's token), ours are those of a bot.
 */
export async function ownComment(
  api: Api,
  where: Where,
  me: string | null,
  wanted: { readonly issue: number; readonly marker: string },
  signal: AbortSignal,
): Promise<Comment | null> {
  const { owner, name } = await where(signal);
  const out = api.endpoint('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', {
    owner,
    repo: name,
    issue_number: wanted.issue,
    per_page: 100,
  });
  const ours = (comment: Comment): boolean => (me === null ? comment.user?.type === 'Bot' : comment.user?.login === me);
  const found: Comment[] = [];
  let looked = 0;
  const take = (comments: readonly Comment[]): boolean => {
    found.push(...comments.filter((comment) => ours(comment) && comment.body.includes(wanted.marker)));
    looked += 1;
    return looked % LOOKED_AT !== 0;
  };
  await fromTheEnd(api, out, commentShape, { signal, fresh: true }, take);
  // Anybody can write thousands behind ours: it was among the first ones, then.
  if (looked === LOOKED_AT && found.length === 0) await fromTheStart(api, out, commentShape, { signal, fresh: true }, take);
  // Of two, the first one: whoever looked before knows that one.
  return found.toSorted((a, b) => a.id - b.id)[0] ?? null;
}

/** Pages of a hundred, from the end and from the beginning: what has so many comments of others before it and behind it is not found. */
const LOOKED_AT = 20;

/** As it is posted: the marker is added at the end where the body lacks it. */
const withMarker = ({ body, marker }: { readonly marker: string; readonly body: string }): string =>
  fitBody(body.includes(marker) ? body : `${body}\n\n${marker}`);

/** Whether it says this already; the forge may have changed line ends and blanks at the end. */
export function saysAlready(comment: Comment, wanted: { readonly marker: string; readonly body: string }): boolean {
  const plain = (text: string): string => text.replace(/\r\n/g, '\n').trim();
  return plain(comment.body) === plain(withMarker(wanted));
}

/** Gives the comment that was there the words of now. */
export const saysNow = (
  api: Api,
  where: Where,
  comment: Comment,
  wanted: { readonly marker: string; readonly body: string },
  signal: AbortSignal,
): Promise<boolean> => editComment(api, where, comment.id, withMarker(wanted), signal);

/** Posts. */
export async function postComment(
  api: Api,
  where: Where,
  wanted: { readonly issue: number; readonly marker: string; readonly body: string },
  signal: AbortSignal,
): Promise<Comment> {
  const { owner, name } = await where(signal);
  const out = api.endpoint('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
    owner,
    repo: name,
    issue_number: wanted.issue,
    body: withMarker(wanted),
  });
  return api.create(out, commentShape, signal);
}

/** Gives a comment other words, however often; false: it is gone, or not ours to change. */
export async function editComment(api: Api, where: Where, comment: number, body: string, signal: AbortSignal): Promise<boolean> {
  const { owner, name } = await where(signal);
  const out = api.endpoint('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
    ...{ owner, repo: name, comment_id: comment, body: fitBody(body) },
  });
  try {
    await api.change(out, commentShape, signal);
    return true;
  } catch (error) {
    if (error instanceof GitHubError && (error.status === 404 || error.status === 410)) return false;
    throw error;
  }
}
