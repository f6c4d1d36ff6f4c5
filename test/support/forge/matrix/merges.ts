import type { GitHubForge } from '../../../../src/adapters/github/forge.ts';
import type { FaultRequest } from '../../../../src/forge-fake/state/faults.ts';
import { readBranches } from '../../../../src/forge-fake/state/git.ts';
import type { Place } from './place.ts';

/* What is written, and the rows of it that lead a pull to its merge or away from it. */

export const NEVER = new AbortController().signal;

/** One thing to be written: `effects` counts how often it is there; 1 is right. */
interface Scene {
  /** `timeoutMs` left out: as long as it takes. */
  act(forge: GitHubForge, signal: AbortSignal, timeoutMs?: number): Promise<unknown>;
  effects(): number | Promise<number>;
}

export interface Write {
  readonly name: string;
  readonly match: FaultRequest['match'];
  /** So many requests of that kind look first; left out: none. */
  readonly skip?: number;
  prepare(place: Place): Promise<Scene>;
}

export const issueOf = ({ github }: Place, number: number) => github.state.issues.find((one) => one.number === number);
export const yes = (is: boolean | undefined): number => (is === true ? 1 : 0);

/** What waits for other rules to be met must not be merged by these. */
function rule({ github }: Place, rules: Parameters<typeof github.setRules>[0]): void {
  for (const { number, state, pull } of github.state.issues)
    if (state === 'open' && (pull?.autoMerge != null || pull?.queuedBy !== undefined))
      github.changeIssue('wil', number, { state: 'closed' });
  github.setRules(rules);
}

export async function openPull(place: Place, draft = false): Promise<{ readonly number: number; readonly commit: string }> {
  const head = `auto/gh-${9_000 + place.next()}`;
  const commit = await place.branch(head);
  const number = await place.github.createPull('tac8', { title: 'P', head, draft });
  await place.connect().merging(number, NEVER);
  return { number, commit };
}

export const MERGE_WRITES: readonly Write[] = [
  {
    name: 'out of the draft',
    match: { method: 'POST', path: '/graphql$' },
    async prepare(place) {
      const { number } = await openPull(place, true);
      return {
        act: (forge, signal) => forge.markReady(number, signal),
        effects: () => yes(issueOf(place, number)?.pull?.draft === false),
      };
    },
  },
  {
    name: 'the wish that GitHub merges it when its rules are met',
    match: { method: 'POST', path: '/graphql$' },
    async prepare(place) {
      rule(place, { autoMerge: true, approvals: 1, checks: [] });
      const { number, commit } = await openPull(place);
      return {
        act: (forge, signal) => forge.mergeGreen(number, commit, signal),
        effects: () => yes(issueOf(place, number)?.pull?.autoMerge?.by === 'tac8'),
      };
    },
  },
  {
    name: 'a place in the merge queue',
    match: { method: 'POST', path: '/graphql$' },
    async prepare(place) {
      rule(place, { autoMerge: false, approvals: 0, checks: [], queue: 'held' });
      const { number, commit } = await openPull(place);
      place.github.review('wil', number, { state: 'APPROVED' });
      return {
        act: (forge, signal) => forge.mergeGreen(number, commit, signal),
        effects: () => yes(issueOf(place, number)?.pull?.queuedBy === 'tac8'),
      };
    },
  },
  {
    name: 'that wish taken back',
    match: { method: 'POST', path: '/graphql$' },
    skip: 2,
    async prepare(place) {
      rule(place, { autoMerge: true, approvals: 1, checks: [] });
      const { number, commit } = await openPull(place);
      await place.connect().mergeGreen(number, commit, NEVER);
      return {
        act: (forge, signal) => forge.takeBack(number, signal),
        effects: () => place.github.state.events.filter(({ issue, event }) => issue === number && event === 'auto_merge_disabled').length,
      };
    },
  },
  {
    name: 'that place given up',
    match: { method: 'POST', path: '/graphql$' },
    skip: 1,
    async prepare(place) {
      rule(place, { autoMerge: false, approvals: 0, checks: [], queue: 'held' });
      const { number, commit } = await openPull(place);
      place.github.review('wil', number, { state: 'APPROVED' });
      await place.connect().mergeGreen(number, commit, NEVER);
      return {
        act: (forge, signal) => forge.takeBack(number, signal),
        effects: () =>
          place.github.state.events.filter(({ issue, event }) => issue === number && event === 'removed_from_merge_queue').length,
      };
    },
  },
  {
    name: 'a merge',
    match: { method: 'PUT', path: '/merge$' },
    async prepare(place) {
      rule(place, { autoMerge: false, approvals: 0, checks: [] });
      const { number, commit } = await openPull(place);
      place.github.review('wil', number, { state: 'APPROVED' });
      return {
        act: (forge, signal) => forge.mergeGreen(number, commit, signal),
        effects: () => place.github.state.events.filter(({ issue, event }) => issue === number && event === 'merged').length,
      };
    },
  },
  {
    name: 'the branch of a merged pull deleted',
    match: { method: 'DELETE', path: '/git/refs/' },
    async prepare(place) {
      rule(place, { autoMerge: false, approvals: 0, checks: [] });
      const { number } = await openPull(place);
      await place.github.mergePull('wil', number);
      const head = issueOf(place, number)?.pull?.head.ref ?? '';
      return {
        act: (forge, signal) => forge.dropBranch(number, signal),
        effects: async () => yes(!(await readBranches(place.github.bare)).has(head)),
      };
    },
  },
];
