import type { Fake } from '../state/fake.ts';
import { association } from '../state/people.ts';
import type { Review } from '../state/state.ts';
import { type Json, nodeId, personShape, reactions, repoApi, repoHtml } from './shapes.ts';

const linksOf = (fake: Fake, { pull }: Review) => ({
  html: { href: `${repoHtml(fake)}/pull/${pull}` },
  pull_request: { href: `${repoApi(fake)}/pulls/${pull}` },
});

export const reviewShape = (fake: Fake, review: Review): Json => ({
  id: review.id,
  node_id: nodeId('PRR', review.id),
  user: personShape(fake, review.author),
  body: review.body,
  state: review.state,
  html_url: `${repoHtml(fake)}/pull/${review.pull}#pullrequestreview-${review.id}`,
  pull_request_url: `${repoApi(fake)}/pulls/${review.pull}`,
  _links: linksOf(fake, review),
  submitted_at: review.submittedAt,
  commit_id: review.commit,
  author_association: association(fake, review.author),
});

export function reviewCommentShape(fake: Fake, review: Review, note: Review['notes'][number]): Json {
  const url = `${repoApi(fake)}/pulls/comments/${note.id}`;
  return {
    url,
    pull_request_review_id: review.id,
    id: note.id,
    node_id: nodeId('PRRC', note.id),
    diff_hunk: '@@ -1 +1 @@',
    path: note.path,
    position: 1,
    original_position: 1,
    commit_id: review.commit,
    original_commit_id: review.commit,
    user: personShape(fake, review.author),
    body: note.body,
    created_at: review.submittedAt,
    updated_at: review.submittedAt,
    html_url: `${repoHtml(fake)}/pull/${review.pull}#discussion_r${note.id}`,
    pull_request_url: `${repoApi(fake)}/pulls/${review.pull}`,
    author_association: association(fake, review.author),
    _links: { self: { href: url }, ...linksOf(fake, review) },
    start_line: null,
    original_start_line: null,
    start_side: null,
    line: note.line,
    original_line: note.line,
    side: 'RIGHT',
    subject_type: 'line',
    reactions: reactions(url),
  };
}
