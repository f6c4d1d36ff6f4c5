import { join } from 'node:path';
import { createWorkspaces, type GitWorkspaces } from '../../../../src/adapters/git/workspaces.ts';
import { createJobs } from '../../../../src/adapters/process/jobs.ts';
import type { TaskId } from '../../../../src/core/model/task.ts';
import { PortError } from '../../../../src/engine/ports/error.ts';
import { runGit } from '../../../../src/forge-fake/state/git.ts';
import { pendingTask } from '../../git/git-workspaces.ts';
import type { Write } from './merges.ts';
import type { Place } from './place.ts';
import type { Read } from './reads.ts';

/*
 * What goes to GitHub by git: branches, and the refs that are claims. The answers of a push are lost as those of the API are.
 */

const NEVER = new AbortController().signal;
/** One call of git over HTTP takes longer than a request. */
const GIT_MS = 20_000;
/** That of a fault in which nobody answers. */
const SHORT_MS = 2_000;
const PUSH = { method: 'POST', path: '/git-receive-pack$' } as const;

/** The clone of a daemon that has just begun, with the login of the forge. */
export function spacesAt({ clone, github }: Pick<Place, 'clone' | 'github'>, timeoutMs: number | undefined): GitWorkspaces {
  return createWorkspaces({
    ...{ root: clone, dir: 'trees', baseBranch: null, remote: 'origin', branchPrefix: 'auto/', includeFile: '.worktreeinclude' },
    ...{ setup: null, setupTimeoutMs: () => 10_000, setupEnv: async () => ({}), setupNames: [], saveGlobs: [], useUserGitConfig: false },
    jobs: createJobs({ dir: join(clone, '.tac8', 'runs', 'jobs'), most: () => 1_000_000 }),
    gitTimeoutMs: () => (timeoutMs === undefined ? GIT_MS : SHORT_MS),
    login: {
      ...{ host: new URL(github.url).host, user: 'x-access-token', password: async () => github.token('tac8') },
      movedTo: async () => null,
    },
  });
}

const refAt = async (place: Place, ref: string): Promise<string> =>
  (await runGit(place.github.bare, ['for-each-ref', '--format=%(objectname)', ref])).out.trim();

/** A branch of the clone with a commit of its own on main. */
async function commitHere(place: Place, branch: string, words: string): Promise<string> {
  const bare = join(place.clone, '.git');
  const made = await runGit(bare, ['commit-tree', 'origin/main^{tree}', '-p', 'origin/main', '-m', words]);
  const commit = made.out.trim();
  await runGit(bare, ['update-ref', `refs/heads/${branch}`, commit]);
  return commit;
}

const claimOf = (task: TaskId): string => `refs/tac8/claim/${task}`;

export const GIT_WRITES: readonly Write[] = [
  {
    name: 'a branch',
    match: PUSH,
    async prepare(place) {
      const id: TaskId = `gh-${20_000 + place.next()}`;
      const commit = await commitHere(place, `auto/${id}`, 'work');
      return {
        act: (_, signal, timeoutMs) => spacesAt(place, timeoutMs).push(pendingTask(id), signal),
        effects: async () => Number((await refAt(place, `refs/heads/auto/${id}`)) === commit),
      };
    },
  },
  {
    name: 'a history written anew',
    match: PUSH,
    async prepare(place) {
      const id: TaskId = `gh-${20_000 + place.next()}`;
      const mine = await commitHere(place, `auto/${id}`, 'before');
      await spacesAt(place, undefined).push(pendingTask(id), NEVER);
      const commit = await commitHere(place, `auto/${id}`, 'after');
      return {
        act: async (_, signal, timeoutMs) => {
          const { overtaken } = await spacesAt(place, timeoutMs).push(pendingTask(id), signal, undefined, mine);
          if (overtaken !== undefined) throw new PortError('terminal', `${overtaken.commit} is taken for somebody else's`);
        },
        effects: async () => Number((await refAt(place, `refs/heads/auto/${id}`)) === commit),
      };
    },
  },
  {
    name: 'a claim of an issue',
    match: PUSH,
    prepare: async (place) => claimScene(place, `gh-${20_000 + place.next()}`, null),
  },
  {
    name: 'a claim renewed',
    match: PUSH,
    async prepare(place) {
      const id: TaskId = `gh-${20_000 + place.next()}`;
      const { id: from } = await spacesAt(place, undefined).claims.push([{ task: id, from: null, to: 'claim' }], 'before', NEVER);
      return claimScene(place, id, from);
    },
  },
  {
    name: 'a claim let go',
    match: PUSH,
    async prepare(place) {
      const id: TaskId = `gh-${20_000 + place.next()}`;
      const { id: from } = await spacesAt(place, undefined).claims.push([{ task: id, from: null, to: 'claim' }], 'mine', NEVER);
      return {
        act: async (_, signal, timeoutMs) => {
          const { claims } = spacesAt(place, timeoutMs);
          const { of } = await claims.push([{ task: id, from, to: 'nothing' }], '', signal);
          // What stands there is looked at before anything else is done about it.
          if (of.get(id) !== 'done' && (await claims.read([id], signal)).has(id)) throw new PortError('terminal', 'a claim stays');
        },
        effects: async () => Number((await refAt(place, claimOf(id))) === ''),
      };
    },
  },
];

/** A claim that is there is known again by its words, as the watch on claims does it. */
function claimScene(place: Place, id: TaskId, from: string | null): Awaited<ReturnType<Write['prepare']>> {
  const words = `mine of ${id}`;
  return {
    act: async (_, signal, timeoutMs) => {
      const { claims } = spacesAt(place, timeoutMs);
      const { of } = await claims.push([{ task: id, from, to: 'claim' }], words, signal);
      if (of.get(id) === 'done') return;
      const there = (await claims.read([id], signal)).get(id);
      if (there?.text.includes(words) !== true) throw new PortError('terminal', `${JSON.stringify(there)} is not known as ours`);
    },
    effects: async () => {
      const { out } = await runGit(place.github.bare, ['log', '-1', '--format=%B', claimOf(id), '--']);
      return Number(out.includes(words));
    },
  };
}

export const GIT_READS: readonly Read[] = [
  {
    name: 'who has claimed an issue',
    path: 'service=git-upload-pack',
    ask: (_, { claimed }, place, timeoutMs) => spacesAt(place, timeoutMs).claims.read([claimed], NEVER),
  },
  {
    name: 'the claim itself',
    method: 'POST',
    path: '/git-upload-pack$',
    ask: (_, { claimed }, place, timeoutMs) => spacesAt(place, timeoutMs).claims.read([claimed], NEVER),
  },
  {
    name: 'the base branch, by git',
    path: 'service=git-upload-pack',
    ask: (_, __, place, timeoutMs) => spacesAt(place, timeoutMs).refresh(),
    // In words why it could not be brought over.
    alsoTrue: (answer) => typeof answer === 'string' && answer !== '',
  },
];
