import { z } from 'zod';
import type { Where } from '../login/repository.ts';
import type { Api } from '../rest/api.ts';
import { listAll } from '../rest/list.ts';
import { GitHubError } from '../rest/problem.ts';
import { issueShape } from '../rest/shapes.ts';
import { fitBody, fitTitle } from '../write/fit.ts';

/** The issue of our own that holds the mark, whatever its state. Anyone can copy a mark, so the author counts. */
export async function ownIssue(api: Api, where: Where, me: string | null, marker: string, signal: AbortSignal): Promise<number | null> {
  const { owner, name } = await where(signal);
  const out = api.endpoint('GET /repos/{owner}/{repo}/issues', {
    ...{ owner, repo: name, state: 'all', sort: 'created', direction: 'desc', per_page: 100 },
    ...(me === null ? {} : { creator: me }),
  });
  const entries = await listAll(api, out, issueShape, { signal, fresh: true });
  const isOurs = ({ user }: (typeof entries)[number]): boolean => (me === null ? user?.type === 'Bot' : user?.login === me);
  return entries.find((one) => one.pull_request == null && isOurs(one) && one.body.includes(marker))?.number ?? null;
}

export async function createIssue(
  api: Api,
  where: Where,
  wanted: { readonly title: string; readonly body: string },
  signal: AbortSignal,
): Promise<number> {
  const { owner, name } = await where(signal);
  const out = api.endpoint('POST /repos/{owner}/{repo}/issues', {
    ...{ owner, repo: name, title: fitTitle(wanted.title, 'tac8'), body: fitBody(wanted.body) },
  });
  return (await api.create(out, issueShape, signal)).number;
}

/** False: it is gone. */
export async function editIssue(api: Api, where: Where, number: number, body: string, signal: AbortSignal): Promise<boolean> {
  const { owner, name } = await where(signal);
  const out = api.endpoint('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
    ...{ owner, repo: name, issue_number: number, body: fitBody(body) },
  });
  try {
    await api.change(out, issueShape, signal);
    return true;
  } catch (error) {
    if (error instanceof GitHubError && (error.status === 404 || error.status === 410)) return false;
    throw error;
  }
}

const MOST = 50;

export const EDITORS =
  'query ($owner: String!, $name: String!, $number: Int!) { repository(owner: $owner, name: $name) { issue(number: $number) { body userContentEdits(first: 50) { nodes { editedAt editor { __typename login } } } } } }';

const edits = z.object({
  data: z.object({
    repository: z.object({
      issue: z.object({
        body: z.string(),
        userContentEdits: z.object({
          nodes: z.array(z.object({ editedAt: z.string(), editor: z.object({ __typename: z.string(), login: z.string() }).nullable() })),
        }),
      }),
    }),
  }),
});

/** The text, and who edited it since we did last, the newest first; null: nobody can tell of one of them who it was. */
export async function editorsOf(
  api: Api,
  where: Where,
  me: string | null,
  number: number,
  signal: AbortSignal,
): Promise<{ readonly body: string; readonly editors: readonly string[] | null }> {
  const { owner, name } = await where(signal);
  const { data } = await api.query(EDITORS, { owner, name, number }, edits, signal);
  const { body, userContentEdits } = data.repository.issue;
  const all = [...userContentEdits.nodes].sort((a, b) => b.editedAt.localeCompare(a.editedAt));
  // GraphQL leaves out what REST has at the end of a bot's login.
  const own = me?.replace(/\[bot\]$/, '');
  const isOurs = ({ editor }: (typeof all)[number]): boolean =>
    me === null ? editor?.__typename === 'Bot' : editor?.login === me || (editor?.__typename === 'Bot' && editor.login === own);
  const last = all.find(isOurs);
  // Times are whole seconds: what came in the second of ours may be from after it.
  const since = all.filter((edit) => !isOurs(edit) && edit.editedAt >= (last?.editedAt ?? ''));
  const names = since.map(({ editor }) => editor?.login ?? null);
  // None of them ours among so many: there may be more that are not told.
  const isWhole = last !== undefined || all.length < MOST;
  return { body, editors: isWhole && names.every((login) => login !== null) ? names.filter((login) => login !== null) : null };
}
