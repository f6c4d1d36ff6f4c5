import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { type Dependency, type Issue, sameLabel } from '../../../core/model/forge.ts';
import type { Where } from '../login/repository.ts';
import type { Api } from '../rest/api.ts';
import { listAll, OPEN_OLDEST_FIRST } from '../rest/list.ts';
import { GitHubError } from '../rest/problem.ts';
import { issueShape } from '../rest/shapes.ts';
import { lastLabelling } from './trigger.ts';

/**
 * Every open issue that bears the label. Asked in full at each poll (it is not certain that labelling moves `updated_at`);
 * an unchanged page costs nothing.
 */
export async function labelledIssues(api: Api, where: Where, label: string, signal: AbortSignal): Promise<readonly Issue[]> {
  const { owner, name } = await where(signal);
  const out = api.endpoint('GET /repos/{owner}/{repo}/issues', {
    owner,
    repo: name,
    ...OPEN_OLDEST_FIRST,
    // In the filter a comma parts two labels, and there is no way to escape one: such a label is looked for here.
    ...(label.includes(',') ? {} : { labels: label }),
  });
  const entries = await listAll(api, out, issueShape, { signal, keep: true });
  return entries
    .filter((entry) => isIssue(entry) && entry.state === 'open' && entry.labels.some((own) => sameLabel(own, label)))
    .map(toIssue);
}

/** One issue in any state; null when it is deleted, was moved to another repository, or is a pull. Throws when the repository itself cannot be seen. */
export async function oneIssue(api: Api, where: Where, number: number, signal: AbortSignal, label?: string): Promise<Issue | null> {
  const { owner, name } = await where(signal);
  const out = api.endpoint('GET /repos/{owner}/{repo}/issues/{issue_number}', { owner, repo: name, issue_number: number });
  try {
    const { value } = await api.read(out, issueShape, { signal });
    // A transferred issue redirects to its new repository. A renamed repository does too: `where` then answers the new name.
    const home = await where(signal);
    const here = value.repository_url.toLowerCase().endsWith(`/repos/${home.owner}/${home.name}`.toLowerCase());
    if (!isIssue(value) || value.number !== number || !here) return null;
    const by = label === undefined ? null : await endedBy(api, where, value, label, signal);
    return { ...toIssue(value), ...(by === null ? {} : { endedBy: by }) };
  } catch (error) {
    if (!(error instanceof GitHubError) || (error.status !== 404 && error.status !== 410)) throw error;
    // 404 also says "you may not look", and 410 "issues are switched off": only with both excluded is the issue itself gone.
    await proveIssuesVisible(api, where, signal);
    return null;
  }
}

/** A name is worth no more delay to the stop of a worker. */
const FOR_A_NAME = 3_000;

/** Who closed the issue, or took the label off; null: neither, or it is not told in time. */
async function endedBy(api: Api, where: Where, entry: Entry, label: string, signal: AbortSignal): Promise<string | null> {
  if (entry.state === 'closed') return entry.closed_by?.login ?? null;
  if (entry.labels.some((own) => sameLabel(own, label))) return null;
  const soon = AbortSignal.any([signal, AbortSignal.timeout(FOR_A_NAME)]);
  const last = await lastLabelling(api, where, entry.number, label, soon).catch(() => null);
  return last?.event === 'unlabeled' ? (last.actor?.login ?? null) : null;
}

async function proveIssuesVisible(api: Api, where: Where, signal: AbortSignal): Promise<void> {
  const { owner, name } = await where(signal);
  const out = api.endpoint('GET /repos/{owner}/{repo}/issues', { owner, repo: name, state: 'all', per_page: 1 });
  await api.read(out, issueShape.array(), { signal });
}

/** What the issue is blocked by, open or closed, in this repository or another. */
export async function dependenciesOf(api: Api, where: Where, number: number, signal: AbortSignal): Promise<readonly Dependency[]> {
  const { owner, name } = await where(signal);
  const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}/dependencies/blocked_by';
  const out = api.endpoint(route, { owner, repo: name, issue_number: number, per_page: 100 });
  const entries = await listAll(api, out, issueShape, { signal });
  const home = await where(signal);
  return entries.map((entry) => toDependency(entry, `${home.owner}/${home.name}`));
}

function toDependency(entry: Entry, home: string): Dependency {
  const repo = /\/repos\/([\w.-]+\/[\w.-]+)\/?$/.exec(entry.repository_url)?.[1] ?? 'another repository';
  const isHere = repo.toLowerCase() === home.toLowerCase();
  // What is neither open nor closed is not known to be done with.
  return { name: `${isHere ? '' : repo}#${entry.number}`, number: isHere ? entry.number : null, open: entry.state !== 'closed' };
}

type Entry = z.output<typeof issueShape>;

const isIssue = (entry: Entry): boolean => entry.pull_request === undefined || entry.pull_request === null;

function toIssue(entry: Entry): Issue {
  const summary = entry.issue_dependencies_summary;
  const assignees = (entry.assignees ?? []).flatMap((one) => (one === null ? [] : [one.login]));
  return {
    number: entry.number,
    title: entry.title,
    body: entry.body,
    print: createHash('sha256').update(`${entry.title}\0${entry.body}`).digest('hex'),
    author: entry.user?.login ?? null,
    labels: entry.labels,
    state: entry.state === 'closed' ? 'closed' : 'open',
    url: entry.html_url,
    createdAt: entry.created_at,
    updatedAt: entry.updated_at,
    ...(entry.locked === true ? { locked: true as const } : {}),
    ...(entry.milestone == null ? {} : { milestone: entry.milestone.title }),
    ...(assignees.length === 0 ? {} : { assignees }),
    ...(summary == null ? {} : { dependencies: { open: summary.blocked_by, total: summary.total_blocked_by ?? summary.blocked_by } }),
  };
}
