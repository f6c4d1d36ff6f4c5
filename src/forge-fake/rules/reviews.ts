import type { Pull } from '../shape/shapes-pull.ts';
import { invalid } from '../state/answer.ts';
import { type Fake, stamp, takeId } from '../state/fake.ts';
import type { Review, User } from '../state/state.ts';

export interface NewReview {
  readonly state: Review['state'];
  readonly body?: string;
  readonly notes?: readonly Pick<Review['notes'][number], 'path' | 'line' | 'body'>[];
}

/** Anybody who sees a pull may review it, but nobody approves their own or asks themselves for changes. */
export function addReview(fake: Fake, as: User, pull: Pull, { state, body = '', notes = [] }: NewReview): Review {
  if (as.login === pull.author && state !== 'COMMENTED') {
    const words = state === 'APPROVED' ? 'approve your own pull request' : 'request changes on your own pull request';
    throw invalid({ resource: 'PullRequestReview', code: 'custom', field: 'user_id', message: `Can not ${words}` });
  }
  const review: Review = {
    id: takeId(fake),
    pull: pull.number,
    author: as.login,
    state,
    body,
    commit: pull.pull.head.sha,
    submittedAt: stamp(fake),
    notes: notes.map((note) => ({ id: takeId(fake), ...note })),
  };
  fake.store.state.reviews.push(review);
  pull.updatedAt = review.submittedAt;
  fake.hooks.send('pull_request_review', 'submitted', pull.number, { review: review.id });
  fake.store.touch();
  return review;
}
