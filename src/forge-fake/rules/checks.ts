import { notFound } from '../state/answer.ts';
import { type Fake, stamp, takeId } from '../state/fake.ts';
import type { CheckRun, CommitStatus } from '../state/state.ts';

/** What somebody's build says of a commit; with a conclusion it is completed, without one queued. */
export interface NewCheckRun {
  readonly name: string;
  readonly status?: CheckRun['status'];
  readonly conclusion?: NonNullable<CheckRun['conclusion']>;
  readonly title?: string;
  readonly summary?: string;
  /** It is one of GitHub's own builds, and wrote this. */
  readonly log?: string;
}

export interface NewStatus {
  readonly context: string;
  readonly state: CommitStatus['state'];
}

/** Of several check runs with one name the newest counts; the older ones stay, as on GitHub. */
export function addCheckRun(fake: Fake, sha: string, wanted: NewCheckRun): CheckRun {
  const conclusion = wanted.conclusion ?? null;
  const status = conclusion === null ? (wanted.status ?? 'queued') : 'completed';
  const { name, title = null, summary = null, log } = wanted;
  const said = { title, summary, ...(log === undefined ? {} : { log }) };
  const run = { id: takeId(fake), sha, name, status, conclusion, ...said, startedAt: stamp(fake) };
  fake.store.state.checkRuns.push(run);
  fake.hooks.send('check_run', status === 'completed' ? 'completed' : 'created', null, { check: run.id });
  fake.store.touch();
  return run;
}

/** The newest of a context counts. */
export function addStatus(fake: Fake, creator: string, sha: string, wanted: NewStatus & Partial<CommitStatus>): CommitStatus {
  const { context, state, description = null, targetUrl = null } = wanted;
  const status = { id: takeId(fake), sha, state, context, description, targetUrl, creator, createdAt: stamp(fake) };
  fake.store.state.statuses.push(status);
  fake.hooks.send('status', null, null, { status: status.id });
  fake.store.touch();
  return status;
}

/** The head commit of a pull. */
export function headOf(fake: Fake, number: number): string {
  const sha = fake.store.state.issues.find((issue) => issue.number === number)?.pull?.head.sha;
  if (sha === undefined) throw notFound(`#${number} is no pull`);
  return sha;
}
