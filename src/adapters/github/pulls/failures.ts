import type { Failing } from '../../../core/review/calls.ts';
import type { Where } from '../login/repository.ts';
import type { Api } from '../rest/api.ts';
import { GitHubError } from '../rest/problem.ts';
import { type FailedRun, failedRunsShape, failedStatusesShape } from '../rest/shapes-checks.ts';

/** A build that was cancelled, or waits for a person, did not fail. */
const FAILED: ReadonlySet<string> = new Set(['failure', 'timed_out', 'startup_failure', 'error']);
/** Logs that are read of one commit. */
const LOGS = 5;

/** The checks of a commit that failed, with what each says, and of GitHub's own builds the end of the log. */
export async function failuresOf(api: Api, where: Where, commit: string, signal: AbortSignal): Promise<readonly Failing[]> {
  const { owner, name } = await where(signal);
  const of = { owner, repo: name, ref: commit, per_page: 100 };
  // Another address than that of the summary: what was kept of one is not the other.
  const runs = api.endpoint('GET /repos/{owner}/{repo}/commits/{ref}/check-runs', { ...of, filter: 'latest', status: 'completed' });
  const statuses = api.endpoint('GET /repos/{owner}/{repo}/commits/{ref}/status', of);
  const withheld: unknown[] = [];
  const [failed, red] = [
    await allowed(withheld, async () => (await api.read(runs, failedRunsShape, { signal })).value.check_runs),
    await allowed(withheld, async () => (await api.read(statuses, failedStatusesShape, { signal })).value.statuses),
  ];
  const found: Failing[] = [];
  for (const run of failed.filter(({ conclusion }) => FAILED.has(conclusion ?? ''))) {
    const log = found.length < LOGS ? await logOf(api, { owner, repo: name }, run, signal) : null;
    found.push({ name: run.name, summary: [run.output?.title, run.output?.summary, run.output?.text].filter(Boolean).join('\n\n'), log });
  }
  for (const { context, state, description } of red)
    if (FAILED.has(state)) found.push({ name: context, summary: description ?? '', log: null });
  // That nothing failed is not known where a part may not be read.
  if (found.length === 0 && withheld.length > 0) throw withheld[0];
  return found;
}

/** What the token may not read is as if nothing were said, as long as the other part says something. */
async function allowed<T>(withheld: unknown[], ask: () => Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await ask();
  } catch (error) {
    if (!isWithheld(error)) throw error;
    withheld.push(error);
    return [];
  }
}

const isWithheld = (error: unknown): boolean =>
  error instanceof GitHubError && error.sort === 'terminal' && [403, 404, 410].includes(error.status ?? 0);

/** Null: no build of GitHub's, or its log is gone or not to be read. */
async function logOf(api: Api, of: { owner: string; repo: string }, run: FailedRun, signal: AbortSignal): Promise<string | null> {
  if (run.app?.slug !== 'github-actions') return null;
  const job = Number(/\/job\/(\d{1,15})(?:$|[?#])/.exec(run.details_url ?? '')?.[1] ?? run.id);
  try {
    return await api.tail(api.endpoint('GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs', { ...of, job_id: job }), signal);
  } catch (error) {
    // Without its log the check still has a name, and that is worth a round.
    if (isWithheld(error) || (error instanceof GitHubError && error.sort === 'retryable' && !signal.aborted)) return null;
    throw error;
  }
}
