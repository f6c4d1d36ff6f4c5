import type { Fake } from '../state/fake.ts';
import type { Happened } from '../state/hooks.ts';
import { findUser } from '../state/people.ts';
import type { CheckRun } from '../state/state.ts';
import { commentShape, issueShape, type Json, labelShape, nodeId, userShape } from './shapes.ts';
import { fullPullShape, isPull } from './shapes-pull.ts';
import { checkRunShape, repoShape, statusShape } from './shapes-repo.ts';
import { reviewShape } from './shapes-review.ts';

/** What a webhook says, in GitHub's shape; of an issue or a pull as it is by now. */
export async function webhookBody(fake: Fake, happened: Happened): Promise<Json> {
  const { repo } = fake.store.state;
  const owner = findUser(fake, repo.owner);
  return {
    ...(happened.action === null ? {} : { action: happened.action }),
    ...(await about(fake, happened)),
    repository: repoShape(fake),
    ...(owner === null ? {} : { sender: userShape(fake, owner) }),
  };
}

async function about(fake: Fake, { event, action, number, of }: Happened): Promise<Json> {
  const { state } = fake.store;
  const found = state.issues.find((one) => one.number === number);
  const label = state.labels.find(({ name }) => name === of.label);
  const extra = { ...(label === undefined ? {} : { label: labelShape(fake, label) }), ...(action === 'edited' ? { changes: {} } : {}) };
  switch (event) {
    case 'issues':
      return found === undefined ? {} : { issue: issueShape(fake, found), ...extra };
    case 'issue_comment': {
      const comment = state.comments.find(({ id }) => id === of.comment);
      // It was removed meanwhile: GitHub has written it down before.
      return {
        issue: found === undefined ? {} : issueShape(fake, found),
        comment: comment === undefined ? {} : commentShape(fake, comment),
      };
    }
    case 'pull_request': {
      const moved = action === 'synchronize' ? { before: of.before, after: of.after } : {};
      return found === undefined || !isPull(found) ? {} : { number, pull_request: await fullPullShape(fake, found), ...extra, ...moved };
    }
    case 'pull_request_review': {
      const review = state.reviews.find(({ id }) => id === of.review);
      const pull = found === undefined || !isPull(found) ? {} : await fullPullShape(fake, found);
      // In webhooks alone it is written small.
      return {
        pull_request: pull,
        review: review === undefined ? {} : { ...reviewShape(fake, review), state: review.state.toLowerCase() },
      };
    }
    case 'check_run': {
      const run = state.checkRuns.find(({ id }) => id === of.check);
      return run === undefined ? {} : { check_run: checkBody(fake, run) };
    }
    case 'status':
      return statusBody(fake, of.status);
    case 'push':
      return pushBody(fake, of);
    default:
      return {};
  }
}

function checkBody(fake: Fake, run: CheckRun): Json {
  const { id, sha, status, conclusion } = run;
  const shape = checkRunShape(fake, run);
  const suite = { id, node_id: nodeId('CS', id), head_sha: sha, head_branch: null, status, conclusion, pull_requests: [] };
  return { ...shape, details_url: shape.details_url ?? shape.html_url, check_suite: suite };
}

function statusBody(fake: Fake, id: number | undefined): Json {
  const status = fake.store.state.statuses.find((one) => one.id === id);
  if (status === undefined) return {};
  const { sha } = status;
  return { ...statusShape(fake, status), sha, name: repoShape(fake).full_name, commit: commitBody(fake, sha), branches: [] };
}

/** As little as its description asks for. */
function commitBody(fake: Fake, sha: string): Json {
  const api = `${String(repoShape(fake).url)}/commits/${sha}`;
  const by = { name: 'tac8', email: 'tac8@fake.test', date: fake.store.state.repo.pushedAt };
  const verification = { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null };
  return {
    ...{ sha, node_id: `C_${sha}`, url: api, html_url: api, comments_url: `${api}/comments`, author: null, committer: null, parents: [] },
    commit: {
      ...{ author: by, committer: by, message: '', url: api, comment_count: 0, verification },
      tree: { sha, url: api },
    },
  };
}

const NONE = '0'.repeat(40);

function pushBody(fake: Fake, { ref = '', before = NONE, after = NONE }: Happened['of']): Json {
  const compare = `${String(repoShape(fake).html_url)}/compare/${before.slice(0, 12)}...${after.slice(0, 12)}`;
  const how = { created: before === NONE, deleted: after === NONE, forced: false };
  const pusher = { name: 'tac8', email: 'tac8@fake.test' };
  return { ref, before, after, base_ref: null, compare, ...how, commits: [], head_commit: null, pusher };
}
