import type { z } from 'zod';
import type { Review } from '../../../core/review/calls.ts';
import type { Where } from '../login/repository.ts';
import type { Api } from '../rest/api.ts';
import { listAll } from '../rest/list.ts';
import { reviewCommentShape, reviewShape } from '../rest/shapes.ts';

type Note = z.output<typeof reviewCommentShape>;

/** A text with a mark of ours in it is one that tac8 wrote. */
const OURS = '<!-- tac8:';

/** Reviews that want something, by persons who may write: their right is looked up, whatever the review says of its author. */
export async function reviewsOf(
  api: Api,
  where: Where,
  mayWrite: (login: string, signal: AbortSignal) => Promise<boolean>,
  pull: number,
  signal: AbortSignal,
): Promise<readonly Review[]> {
  const { owner, name } = await where(signal);
  const of = { owner, repo: name, pull_number: pull, per_page: 100 };
  const reviews = await listAll(api, api.endpoint('GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews', of), reviewShape, { signal });
  const wanting = reviews.filter(({ state }) => state === 'CHANGES_REQUESTED' || state === 'COMMENTED');
  if (wanting.length === 0) return [];
  const comments = await listAll(api, api.endpoint('GET /repos/{owner}/{repo}/pulls/{pull_number}/comments', of), reviewCommentShape, {
    signal,
  });
  const found: Review[] = [];
  for (const { id, user, state, body } of wanting) {
    if (user?.type !== 'User' || body.includes(OURS)) continue;
    const notes = comments.filter((note) => note.pull_request_review_id === id && note.user?.login === user.login).map(noteOf);
    if (state === 'COMMENTED' && body.trim() === '' && notes.length === 0) continue;
    if (await mayWrite(user.login, signal))
      found.push({ id, author: user.login, wantsChanges: state === 'CHANGES_REQUESTED', body, notes });
  }
  return found;
}

/** On a line that is not there any more it is known by where it was. */
const noteOf = ({ path, line, original_line, body }: Note): Review['notes'][number] => ({
  path,
  line: line ?? original_line ?? null,
  body,
});
