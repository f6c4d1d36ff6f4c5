import { stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { PortError } from '../../../engine/ports/error.ts';
import type { Git, GitCall } from '../call/git.ts';
import { ownIdentity } from '../call/own-identity.ts';
import { withIncoming } from '../repository/incoming.ts';
import { besideNames } from '../repository/names-below.ts';
import { bytes, type Repository, utf8 } from '../repository/repository.ts';
import { absent } from '../view/files.ts';
import { isPartial } from '../view/view.ts';
import { type AccessOptions, accessTo } from './access.ts';
import { type Address, absolute, readAddress, schemeOf, withoutLogin } from './address.ts';
import * as lfs from './lfs.ts';
import { NO_REMOTE, type RemoteMemory } from './memory.ts';
import { createPersonal } from './personal.ts';
import { atStation, type Station } from './station.ts';

export interface RemoteOptions extends AccessOptions {
  /** `origin`; null: work stays in this repository. */
  readonly name: string | null;
  /** The address that git's settings name at the first look is kept there; a later change in them is told and not followed. */
  readonly memory: RemoteMemory;
  /** A private folder. */
  readonly stateDir: string;
  readonly timeoutMs: () => number;
  /** Whether files of git-lfs go with the commits that name them; else how a person allows it where the repository has such files; null: it has none. */
  readonly files?: 'carried' | { readonly remedy: string } | null;
}

export interface Remote {
  /** The address that is fetched from and pushed to; null where there is no such remote. */
  address(): Promise<Address | null>;
  /** The address that git's settings name now. Asks git again only when the repository's settings changed. */
  named(): Promise<Address | null>;
  /**
   * Brings branches over, as refspecs `refs/heads/x` of the remote → `refs/remotes/<name>/x` here; a branch that ends in `*` is a pattern.
   * Answers where those are that were asked for by their whole name.
   */
  fetch(branches: readonly string[], signal: AbortSignal | undefined): Promise<ReadonlyMap<string, string>>;
  /** The same as if nothing of them were here: some of it is gone, or no git can read it. */
  fetchWhole(branches: readonly string[], signal: AbortSignal | undefined): Promise<ReadonlyMap<string, string>>;
  /**
   * `branch` as it stands at `commit`. Where that takes commits away it is done only while the branch is at `mine`, the head that was pushed last;
   * left out: never. Answers the head that is there in place of it; null: it is pushed. `beside`: folders of git in which files of git-lfs may
   * lie as well.
   */
  push(
    commit: string,
    branch: string,
    signal: AbortSignal | undefined,
    more?: { readonly beside?: readonly string[]; readonly mine?: string | null },
  ): Promise<string | null>;
  /** Brings the files of git-lfs that a commit's tree names over, as far as they are not here. `local`: reads contents that a partial clone lacks. */
  bringFiles(local: Git, commit: string, signal: AbortSignal): Promise<void>;
  /** What any git in a partial clone is told, so that it can fetch the contents that are not here; null: the repository is whole. */
  lazily(): Promise<Pick<GitCall, 'settings' | 'env' | 'config' | 'secret'> | null>;
  /** Lends a repository without anything of this one to talk to the remote with; `git` reaches the remote at the address that `work` is given. */
  alone<T>(way: keyof Address, signal: AbortSignal, work: (git: Git, at: string) => Promise<T>): Promise<T>;
  /** The remote's default branch, or null where it names none. */
  defaultBranch(signal: AbortSignal | undefined): Promise<string | null>;
}

/** Of git's words about an answer that leads elsewhere. */
const REDIRECTED = /returned error: 30\d|redirect/;

/** Of git's words about a push that would take commits away. */
const TAKES_AWAY = /non-fast-forward|fetch first/;

/** A station whose git knows the login. */
type Reached = Omit<Station, 'call'> & { readonly call: GitCall & { readonly cwd: string } };
type Refs = readonly (readonly [ref: string, id: string])[];
type Run = (args: readonly string[], settings?: GitCall['config']) => Promise<string>;

export function createRemote(git: Git, repository: Repository, options: RemoteOptions): Remote {
  const { name, memory } = options;
  const personal = options.useUserGitConfig === true ? createPersonal(git) : undefined;
  const access = (to: string) => accessTo(to, { ...options, ...(personal === undefined ? {} : { personal }) });
  /** Addresses whose repository was renamed or given away, and where it is now. */
  const moved = new Map<string, string>();

  /** Git with a login follows no redirect: the forge says where the repository is. Null: nobody can tell, or something else is wrong. */
  async function whereNow(error: unknown, address: string): Promise<string | null> {
    if (!(error instanceof PortError) || !REDIRECTED.test(error.message)) return null;
    return options.login?.movedTo?.(address).catch(() => null) ?? null;
  }

  let read: { readonly stamp: string; readonly address: Address | null } | null = null;

  const named = async (): Promise<Address | null> => {
    if (name === null) return null;
    const config = await stat(join(repository.commonDir, 'config')).catch(absent(null));
    if (config?.isFile() === false) return read?.address ?? null;
    const stamp = `${config?.mtimeMs} ${config?.size} ${config?.ino}`;
    if (read?.stamp === stamp) return read.address;
    const found = await readAddress(git, repository, name, options.useUserGitConfig === true ? { env: ownIdentity() } : {});
    read = { stamp, address: found === null ? null : { fetch: withoutLogin(found.fetch), push: withoutLogin(found.push) } };
    return read.address;
  };

  const address = async (): Promise<Address | null> => {
    if (name === null) return null;
    const kept = memory.address();
    if (kept === null) {
      const first = await named();
      memory.keepAddress(first ?? NO_REMOTE);
      return first;
    }
    // Of settings that cannot be read nothing is known, and nothing of them counts.
    await named().then(
      (now) => memory.sees(now ?? NO_REMOTE),
      () => undefined,
    );
    return kept.fetch === null || kept.push === null ? null : { fetch: kept.fetch, push: kept.push };
  };

  const upload = async (
    run: Run,
    to: string,
    { call }: Reached,
    files: readonly lfs.LfsFile[],
    places: readonly string[],
  ): Promise<void> => {
    if (files.length === 0) return;
    const storage = join(call.cwd, 'lfs');
    await lfs.copyFiles(places, files, storage);
    const settings = lfs.lfsSettings(to, schemeOf(to) === 'path');
    for (let from = 0; from < files.length; from += lfs.AT_ONCE) {
      const oids = files.slice(from, from + lfs.AT_ONCE).map(({ oid }) => oid);
      await run(['lfs', 'push', '--object-id', lfs.REMOTE, ...oids], settings);
    }
  };

  /** Runs git at a station, with the whole address and the login for it. */
  const talk = async <T>(
    way: keyof Address,
    seed: readonly string[],
    signal: AbortSignal | undefined,
    work: (run: Run, to: string, station: Reached) => Promise<T>,
  ): Promise<T> => {
    const known = await address();
    if (known === null) throw new PortError('terminal', `there is no remote ${name ?? ''}`, { hint: 'Add one with `git remote add`.' });
    const named = absolute(known[way], repository.root);
    const to = moved.get(named) ?? named;
    try {
      return await talkTo(to, seed, signal, work);
    } catch (error) {
      const elsewhere = await whereNow(error, named);
      if (elsewhere === null || elsewhere === to) throw error;
      moved.set(named, elsewhere);
      return talkTo(elsewhere, seed, signal, work);
    }
  };

  const talkTo = async <T>(
    to: string,
    seed: readonly string[],
    signal: AbortSignal | undefined,
    work: (run: Run, to: string, station: Reached) => Promise<T>,
  ): Promise<T> => {
    const entry = await access(to);
    return atStation(git, repository, options.stateDir, seed, (station) => {
      const limits: GitCall = { timeoutMs: options.timeoutMs(), ...(signal === undefined ? {} : { signal }) };
      const call = { ...station.call, ...limits, ...entry, env: { ...entry.env, ...station.call.env } };
      const run: Run = async (args, more = []) => (await git(args, { ...call, config: [...(call.config ?? []), ...more] })).stdout;
      return work(run, to, { ...station, call });
    });
  };

  const here = `refs/remotes/${name}/`;
  const ask = async (run: Run, from: string, { written }: Reached, branches: readonly string[]): Promise<Refs> => {
    const quiet = ['--quiet', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head', '--no-auto-maintenance'];
    await run(['fetch', ...quiet, '--', from, ...branches.map((branch) => `+refs/heads/${branch}:${here}${branch}`)]);
    return (await written()).filter(([ref]) => ref.startsWith(here));
  };
  const take = async (theirs: Refs, { had }: Reached, branches: readonly string[]): Promise<ReadonlyMap<string, string>> => {
    await writeRefs(git, repository, theirs);
    // A branch that was asked for by name and is as it was before is written nowhere.
    const now = new Map([...had, ...theirs]);
    return new Map(
      branches.flatMap((branch) => [now.get(`${here}${branch}`)].flatMap((id) => (id === undefined ? [] : [[branch, id] as const]))),
    );
  };

  return {
    address,
    named,
    fetch: (branches, signal) =>
      talk('fetch', [here, 'refs/heads/'], signal, async (run, from, station) =>
        take(await ask(run, from, station, branches), station, branches),
      ),
    fetchWhole: (branches, signal) =>
      talk('fetch', [], signal, async (_, from, station) => {
        const theirs = await withIncoming(repository, (objects) => {
          // Packs alone are taken over.
          const config = [...(station.call.config ?? []), ['fetch.unpackLimit', '1'] as const];
          const call = { ...station.call, config, env: { ...station.call.env, GIT_OBJECT_DIRECTORY: objects } };
          return ask(async (args) => (await git(args, call)).stdout, from, station, branches);
        });
        return take(theirs, station, branches);
      }),
    push: async (commit, branch, signal, { beside = [], mine } = {}) => {
      const files = options.files == null || name === null ? [] : await lfs.filesToPush(git, repository, commit, name);
      if (files.length > 0 && options.files !== 'carried') throw lfs.refuseFiles(files, options.files?.remedy ?? '');
      const theirs = await talk('push', [], signal, async (run, to, station) => {
        await upload(run, to, station, files, [repository.commonDir, ...beside]);
        const plain = ['--porcelain', '--no-verify', '--no-follow-tags', '--recurse-submodules=no'];
        const ref = `refs/heads/${branch}`;
        try {
          await run(['push', ...plain, '--', to, `${commit}:${ref}`]);
          return null;
        } catch (error) {
          if (mine === undefined || !(error instanceof PortError) || !TAKES_AWAY.test(error.message)) throw error;
          const [there = ''] = (await run(['ls-remote', '--', to, ref])).split('\t');
          if (there === '') throw error;
          if (there !== mine) return there;
          await run(['push', ...plain, `--force-with-lease=${ref}:${mine}`, '--', to, `${commit}:${ref}`]);
          return null;
        }
      });
      if (theirs === null) await writeRefs(git, repository, [[`refs/remotes/${name}/${branch}`, commit]]);
      return theirs;
    },
    bringFiles: async (local, commit, signal) => {
      if (options.files !== 'carried' || (await address()) === null) return;
      if ((await lfs.filesMissing(local, repository, commit)).length === 0) return;
      await talk('fetch', [], signal, async (run, from, { call }) => {
        await symlink(lfs.storageOf(repository), join(call.cwd, 'lfs'));
        return run(['lfs', 'fetch', lfs.REMOTE, commit], lfs.lfsSettings(from, schemeOf(from) === 'path'));
      });
    },
    lazily: async () => {
      const known = (await isPartial(repository.commonDir)) ? await address() : null;
      if (known === null) return null;
      const named = absolute(known.fetch, repository.root);
      const from = moved.get(named) ?? named;
      const { env, config = [], secret } = await access(from);
      const { network = [], logins = [] } = (await personal?.()) ?? {};
      const own = [...network, ...logins];
      // Keys and logins of the person, but not what their settings say of files.
      const { GIT_CONFIG_GLOBAL: _, GIT_CONFIG_NOSYSTEM: __, ...rest } = env ?? {};
      return {
        settings: 'lazy',
        env: rest,
        config: [
          ...(secret === undefined ? own : []),
          ...config,
          ['remote.tac8.url', from],
          ['remote.tac8.promisor', 'true'],
          ['remote.tac8.partialCloneFilter', 'blob:none'],
        ],
        ...(secret === undefined ? {} : { secret }),
      };
    },
    alone: (way, signal, work) =>
      talk(way, [], signal, (_, at, { call }) => {
        const env = { ...call.env, GIT_OBJECT_DIRECTORY: join(call.cwd, 'objects'), GIT_SHALLOW_FILE: '' };
        return work((args, more = {}) => git(args, { ...call, ...more, env: { ...env, ...more.env } }), at);
      }),
    defaultBranch: async (signal) => {
      const said = utf8(await talk('fetch', [], signal, (run, from) => run(['ls-remote', '--symref', '--', from, 'HEAD'])));
      return /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(said)?.[1] ?? null;
    },
  };
}

/** What the remote has, as refs of the shared repository. */
async function writeRefs(git: Git, repository: Repository, refs: Refs): Promise<void> {
  if (refs.length === 0) return;
  const input = refs.map(([ref, id]) => `update ${ref}\0${id}\0\0`).join('');
  const ours = new Set(refs.map(([ref]) => ref));
  const write = (): Promise<unknown> => git(['update-ref', '--no-deref', '-z', '--stdin'], { cwd: repository.root, input: bytes(input) });
  await besideNames({ git, repository }, (wanted) => ours.has(wanted), write);
}
