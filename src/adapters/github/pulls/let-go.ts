import { z } from 'zod';
import type { LetGo } from '../../../core/review/merging.ts';
import { sanitiseLine } from '../../../core/words/sanitise.ts';
import type { Where } from '../login/repository.ts';
import type { Api } from '../rest/api.ts';
import { GitHubError } from '../rest/problem.ts';

/*
 * What became of the wish that GitHub merges a pull: it is still in the queue, or armed; or it was let go, and by whom and why. All such pulls in
 * one question, which takes a point.
 */

const FIELDS = `fragment Asked on PullRequest {
  state isInMergeQueue
  autoMergeRequest { enabledAt }
  timelineItems(last: 6, itemTypes: [ADDED_TO_MERGE_QUEUE_EVENT, REMOVED_FROM_MERGE_QUEUE_EVENT, AUTO_MERGE_ENABLED_EVENT, AUTO_MERGE_DISABLED_EVENT]) {
    nodes {
      __typename
      ... on RemovedFromMergeQueueEvent { id reason actor { __typename login } beforeCommit { oid } }
      ... on AutoMergeDisabledEvent { id reason actor { __typename login } }
    }
  }
}`;

export const letGoDocument = (pulls: readonly number[]): string =>
  `query LetGo($owner: String!, $name: String!) {
  rateLimit { cost remaining resetAt }
  repository(owner: $owner, name: $name) {${pulls.map((number) => `\n    p${number}: pullRequest(number: ${number}) { ...Asked }`).join('')}
  }
}
${FIELDS}`;

const event = z.object({
  __typename: z.string(),
  id: z.string().optional(),
  reason: z.string().nullish(),
  actor: z.object({ __typename: z.string().optional(), login: z.string() }).nullish(),
  beforeCommit: z.object({ oid: z.string() }).nullish(),
});
type Event = z.output<typeof event>;

const asked = z.object({
  state: z.string(),
  isInMergeQueue: z.boolean(),
  autoMergeRequest: z.object({}).nullable(),
  timelineItems: z.object({ nodes: z.array(z.unknown()) }),
});

const answer = z.object({ repository: z.record(z.string(), z.unknown()) });

/** Null: GitHub is still on it, or says nothing of having let it go. A pull that is missing nobody knows of. */
export async function letGoOf(
  api: Api,
  where: Where,
  pulls: readonly number[],
  signal: AbortSignal,
): Promise<ReadonlyMap<number, LetGo | null>> {
  const { owner, name } = await where(signal);
  const { data, errors } = await api.ask(letGoDocument(pulls), { owner, name }, signal);
  const read = answer.safeParse(data);
  if (!read.success)
    throw new GitHubError('retryable', 200, `GitHub does not tell: ${errors.map(({ message }) => message).join('; ')}`.slice(0, 300));
  const { repository } = read.data;
  return new Map(
    pulls.flatMap((number) => {
      const one = asked.safeParse(repository[`p${number}`]);
      // What is null in an answer of which a part was refused is not known to be so.
      const isSpoilt = errors.some(({ path }) => path[1] === `p${number}`);
      return one.success && !isSpoilt ? [[number, readLetGo(one.data)] as const] : [];
    }),
  );
}

const REMOVED = 'RemovedFromMergeQueueEvent';
const DISABLED = 'AutoMergeDisabledEvent';

function readLetGo({ state, isInMergeQueue, autoMergeRequest, timelineItems }: z.output<typeof asked>): LetGo | null {
  if (state !== 'OPEN' || isInMergeQueue || autoMergeRequest !== null) return null;
  const events = timelineItems.nodes.flatMap((node) => event.safeParse(node).data ?? []);
  const since = events.slice(events.findLastIndex(({ __typename: kind }) => kind !== REMOVED && kind !== DISABLED) + 1);
  // Whoever leaves the queue loses auto-merge as well: the first says more.
  const last = since.findLast(({ __typename: kind }) => kind === REMOVED) ?? since.at(-1);
  // Whoever is merged leaves the queue as well, a moment before it is merged.
  if (/^(?:already_)?merged?$/i.test(last?.reason ?? '')) return null;
  return last?.id === undefined ? null : { id: last.id, ...whyOf(last), commit: last.beforeCommit?.oid ?? null };
}

const QUEUE = 'out of the merge queue';

/** The words that GitHub has for its reasons are written nowhere: what is not known is told as it is. */
function whyOf({ __typename: kind, reason, actor }: Event): Pick<LetGo, 'why' | 'words'> {
  const word = (reason ?? '').trim().toLowerCase();
  const person = actor != null && actor.__typename === 'User' ? sanitiseLine(actor.login, 40) : null;
  if (kind === DISABLED && person !== null) return { why: 'person', words: `${person} switched auto-merge off` };
  if (kind === DISABLED) return { why: 'other', words: `GitHub switched auto-merge off${inBrackets(reason)}` };
  if (/fail/.test(word)) return { why: 'checks', words: `GitHub took it ${QUEUE}: its checks failed there` };
  if (/time/.test(word)) return { why: 'other', words: `GitHub took it ${QUEUE}: its checks did not come to their end in time` };
  if (/conflict/.test(word)) return { why: 'conflict', words: `GitHub took it ${QUEUE}: it conflicts with what is before it there` };
  if (word === 'manual' || person !== null) return { why: 'person', words: `${person ?? 'somebody'} took it ${QUEUE}` };
  return { why: 'other', words: `GitHub took it ${QUEUE}${inBrackets(reason)}` };
}

const inBrackets = (reason: string | null | undefined): string => (reason ? ` (${sanitiseLine(reason, 80)})` : '');
