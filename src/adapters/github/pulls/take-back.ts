import { z } from 'zod';
import type { Where } from '../login/repository.ts';
import type { Api } from '../rest/api.ts';
import { GitHubError } from '../rest/problem.ts';

/*
 * The wish that GitHub merges a pull, taken back: out of the merge queue, and auto-merge switched off. Only where it was this account's: what a
 * person has armed is theirs.
 */

export const ARMED = `query Armed($owner: String!, $name: String!, $number: Int!) {
  viewer { login }
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      id state isInMergeQueue
      mergeQueueEntry { enqueuer { __typename login } }
      autoMergeRequest { enabledBy { __typename login } }
      timelineItems(last: 1, itemTypes: [ADDED_TO_MERGE_QUEUE_EVENT, REMOVED_FROM_MERGE_QUEUE_EVENT, AUTO_MERGE_ENABLED_EVENT, AUTO_MERGE_DISABLED_EVENT]) {
        nodes {
          ... on RemovedFromMergeQueueEvent { actor { __typename login } }
          ... on AutoMergeDisabledEvent { actor { __typename login } }
        }
      }
    }
  }
}`;
/** Of a server that has no merge queue. */
export const ARMED_PLAIN = `query Armed($owner: String!, $name: String!, $number: Int!) {
  viewer { login }
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) { id state autoMergeRequest { enabledBy { __typename login } } }
  }
}`;
export const DISARM =
  'mutation ($input: DisablePullRequestAutoMergeInput!) { disablePullRequestAutoMerge(input: $input) { pullRequest { id } } }';
export const DEQUEUE = 'mutation ($input: DequeuePullRequestInput!) { dequeuePullRequest(input: $input) { mergeQueueEntry { id } } }';

const actor = z.object({ __typename: z.string(), login: z.string() }).nullish();
const armed = z.object({
  data: z.object({
    viewer: z.object({ login: z.string() }),
    repository: z.object({
      pullRequest: z.object({
        id: z.string(),
        state: z.string(),
        isInMergeQueue: z.boolean().default(false),
        mergeQueueEntry: z.object({ enqueuer: actor }).nullish(),
        autoMergeRequest: z.object({ enabledBy: actor }).nullish(),
        timelineItems: z.object({ nodes: z.array(z.object({ actor }).nullable()) }).default({ nodes: [] }),
      }),
    }),
  }),
});
type Armed = z.output<typeof armed>['data']['repository']['pullRequest'];

/** Bots bear their mark in some places and not in others. */
const nameOf = (login: string, isBot: boolean): string =>
  `${login.replace(/\[bot\]$/, '')}${isBot || login.endsWith('[bot]') ? '[bot]' : ''}`;
const isOf = (who: z.output<typeof actor>, viewer: string): boolean =>
  who != null && nameOf(who.login, who.__typename === 'Bot') === nameOf(viewer, false);

/** It leaves the queue first: who switches auto-merge off does not take it out of there. */
const STEPS = [
  {
    isOurs: ({ isInMergeQueue, mergeQueueEntry }: Armed, me: string) => isInMergeQueue && isOf(mergeQueueEntry?.enqueuer, me),
    out: DEQUEUE,
  },
  { isOurs: ({ autoMergeRequest }: Armed, me: string) => isOf(autoMergeRequest?.enabledBy, me), out: DISARM },
] as const;

/** True: ours was taken back, now or by an earlier try whose answer was lost. Looks before each step; what is refused because it is done is done. */
export async function takeBack(api: Api, where: Where, pull: number, pace: () => Promise<void>, signal: AbortSignal): Promise<boolean> {
  let wasOurs = false;
  for (const { isOurs, out } of STEPS) {
    const [before, me] = await look(api, where, pull, signal);
    if (before.state !== 'OPEN') return wasOurs;
    wasOurs ||= isOf(before.timelineItems.nodes[0]?.actor, me);
    if (!isOurs(before, me)) continue;
    wasOurs = true;
    await pace();
    const input = out === DEQUEUE ? { id: before.id } : { pullRequestId: before.id };
    try {
      await api.mutate(out, input, z.object({ data: z.record(z.string(), z.unknown()) }), signal);
    } catch (error) {
      if (!(error instanceof GitHubError) || error.sort !== 'terminal') throw error;
      const [after] = await look(api, where, pull, signal);
      if (after.state === 'OPEN' && isOurs(after, me)) throw error;
    }
  }
  return wasOurs;
}

type Look = readonly [armed: Armed, viewer: string];

async function look(api: Api, where: Where, pull: number, signal: AbortSignal): Promise<Look> {
  const { owner, name } = await where(signal);
  const ask = async (document: string): Promise<Look> => {
    const { data } = await api.query(document, { owner, name, number: pull }, armed, signal);
    return [data.repository.pullRequest, data.viewer.login];
  };
  try {
    return await ask(ARMED);
  } catch (error) {
    if (!(error instanceof GitHubError) || !/doesn.t exist on type/.test(error.message)) throw error;
    return ask(ARMED_PLAIN);
  }
}
