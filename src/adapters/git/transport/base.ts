import { PortError } from '../../../engine/ports/error.ts';
import type { Log } from '../../../engine/ports/records/log.ts';
import type { Git } from '../call/git.ts';
import { oneAtATime } from '../call/one-at-a-time.ts';
import { readHead } from '../repository/registry.ts';
import { type Repository, readRef } from '../repository/repository.ts';
import { isPartial } from '../view/view.ts';
import type { RemoteMemory } from './memory.ts';
import type { Remote } from './remote.ts';

export interface BaseOptions {
  /** As configured; null: the remote's default branch, without a remote what the main checkout has checked out. */
  readonly baseBranch: string | null;
  readonly remoteName: string | null;
  readonly memory: RemoteMemory;
  readonly branchPrefix: string;
  /** A fetch younger than this is not repeated; a failed one neither. */
  readonly freshMs: number;
  readonly log: Log;
}

export interface Base {
  readonly branch: string;
  readonly commit: string;
}

export interface BaseFinder {
  /** The commit that new work starts from. Fetches first unless that was done a moment ago. */
  find(signal?: AbortSignal): Promise<Base>;
  /** The same without asking the remote: its commit as last fetched, else the local branch's; null where there is none. */
  here(): Promise<string | null>;
  /** Fetches now, whatever the age; answers null, or why it did not work. */
  refresh(signal?: AbortSignal): Promise<string | null>;
  /** Brings all of the base and of our branches, also what was here once: objects are gone. False: there is no remote, or it did not come. */
  refetch(): Promise<boolean>;
  /** The base branch's commit as the remote told this process, asked for now where it has not; else why it does not tell. */
  told(signal: AbortSignal): Promise<string | PortError>;
  /** The same, without asking where the ref here says what the remote told: a worker can move the ref. Null also without a remote. */
  asTold(): Promise<string | null>;
  /** The base branch's name without asking the remote; null where that is not known yet. */
  known(): Promise<string | null>;
}

/** Of git's words about a branch that the remote does not have. */
const GONE = /couldn't find remote ref/;
const NAME_ONE = 'Set base_branch in tac8.yaml to a branch that the remote has.';

export function createBaseFinder(git: Git, repository: Repository, remote: Remote, options: BaseOptions): BaseFinder {
  const { log, remoteName, memory } = options;
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let asked = false;
  let problem: PortError | null = null;
  const seen = new Map<string, string>();

  /** The configured branch, or the default one. The remote is asked for it until it tells; what a ref here says of it anybody may have written. */
  const branchName = async (signal: AbortSignal | undefined): Promise<string | null> => {
    if (asked || options.baseBranch !== null || remoteName === null || (await remote.address()) === null) return knownName();
    const said = await remote.defaultBranch(signal);
    asked = said !== null;
    if (said !== null && said !== memory.base()) memory.keepBase(said);
    return said ?? knownName();
  };

  const knownName = (): string | null => options.baseBranch ?? memory.base();

  /** Only the remote's refs are written, which nobody else writes: it waits for other fetches, not for the repository. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => oneAtATime(`${repository.commonDir} fetch`, work);

  const fetch = async (signal?: AbortSignal, how: 'fetch' | 'fetchWhole' = 'fetch'): Promise<string | null> => {
    try {
      if ((await remote.address()) === null) return null;
      const bring = async (base: string | null): Promise<void> => {
        const wanted = base === null ? [] : [base];
        if (options.branchPrefix.endsWith('/')) wanted.push(`${options.branchPrefix}*`);
        for (const [branch, commit] of await remote[how](wanted, signal)) seen.set(branch, commit);
      };
      const base = await branchName(signal);
      await bring(base).catch(async (error: unknown) => {
        // It may be called otherwise since this process asked.
        if (!(error instanceof PortError && GONE.test(error.message))) throw error;
        asked = false;
        const now = await branchName(signal);
        if (now === base) throw error;
        log.info(`the default branch of the remote is ${now} now`, { before: base });
        return bring(now);
      });
      problem = null;
      memory.fetched(null);
      return null;
    } catch (error) {
      if (signal?.aborted === true || !(error instanceof PortError)) throw error;
      problem = error;
      memory.fetched(
        [error.message, error.hint]
          .filter((words) => words !== '')
          .join(' — ')
          .replace(/\s+/g, ' '),
      );
      log.warn('the remote could not be fetched: going on with what is here', { remote: remoteName, because: error.message });
      return error.message;
    } finally {
      fetchedAt = performance.now();
    }
  };

  const commitOf = async (branch: string): Promise<string | null> =>
    (remoteName === null ? null : await readRef(git, repository, `refs/remotes/${remoteName}/${branch}`)) ??
    (await readRef(git, repository, `refs/heads/${branch}`));

  const known = async (): Promise<string | null> =>
    knownName() ?? (await readHead(repository.gitDir)).branch?.replace('refs/heads/', '') ?? null;

  const find = async (signal?: AbortSignal): Promise<Base> => {
    const isFresh = (): boolean => performance.now() - fetchedAt < options.freshMs;
    const failed = await inTurn(async () => (isFresh() ? null : fetch(signal)));
    // A remote that could not be asked a moment ago is not asked again.
    const named = await (failed === null ? branchName(signal) : Promise.resolve(knownName())).catch((error: unknown) => {
      // The remote cannot be asked for its default branch now: the checked-out one stands in, and refresh() has said so.
      if (error instanceof PortError && signal?.aborted !== true) return knownName();
      throw error;
    });
    const branch = named ?? (await checkedOut(repository));
    const commit = await commitOf(branch);
    if (commit !== null) return { branch, commit };
    throw await noBase(git, repository, branch, failed);
  };
  return {
    find,
    here: async () => {
      const branch = await known();
      return branch === null ? null : commitOf(branch);
    },
    refresh: (signal) => inTurn(() => fetch(signal)),
    refetch: async () => {
      // What a partial clone lacks, its own git brings.
      if ((await remote.address()) === null || (await isPartial(repository.commonDir))) return false;
      log.warn('objects of the repository are gone or broken: fetching all of the base and of our branches again', { remote: remoteName });
      return (await inTurn(() => fetch(undefined, 'fetchWhole'))) === null;
    },
    told: async (signal) => {
      const now = async (): Promise<string | null> => seen.get((await knownName()) ?? '') ?? null;
      const first = await now();
      if (first !== null) return first;
      await inTurn(() => fetch(signal));
      return (await now()) ?? problem ?? new PortError('terminal', 'the remote names no default branch', { hint: NAME_ONE });
    },
    asTold: async () => {
      const branch = await known();
      if (branch === null || remoteName === null || (await remote.address()) === null) return null;
      const told = seen.get(branch);
      if (told !== undefined && told === (await readRef(git, repository, `refs/remotes/${remoteName}/${branch}`))) return told;
      await inTurn(() => fetch());
      return seen.get(branch) ?? null;
    },
    known,
  };
}

async function checkedOut(repository: Repository): Promise<string> {
  const { branch } = await readHead(repository.gitDir);
  if (branch?.startsWith('refs/heads/') === true) return branch.slice('refs/heads/'.length);
  throw new PortError('terminal', `${repository.root} has no branch checked out, so there is nothing to start from`, {
    hint: 'Set base_branch in tac8.yaml, or check a branch out.',
  });
}

async function noBase(git: Git, repository: Repository, branch: string, problem: string | null): Promise<PortError> {
  const { stdout } = await git(['for-each-ref', '--count=1', 'refs/heads', 'refs/remotes'], { cwd: repository.root });
  if (stdout === '') {
    return new PortError('terminal', `${repository.root} has no commits yet`, { hint: 'Make a first commit, then retry.' });
  }
  const fetched = problem === null ? '' : `; the last fetch failed: ${problem}`;
  return new PortError('terminal', `the base branch ${branch} is neither here nor at the remote${fetched}`, {
    hint: 'Set base_branch in tac8.yaml to a branch that exists.',
  });
}
