import { type Pinned, type RemoteMemory, sameAddress } from '../adapters/git/transport/memory.ts';
import { apiUrlFor, parseRemote } from '../adapters/github/login/remote.ts';
import type { Settings } from '../config/settings.ts';
import type { RemoteFact } from '../engine/ports/records/facts.ts';
import type { Store } from '../engine/ports/records/store.ts';
import { originUrl } from '../place/origin.ts';
import type { Meaning } from './remote/meaning.ts';

/** Which repository on which forge. */
export interface ForgeAddress {
  readonly owner: string;
  readonly name: string;
  readonly apiUrl: string;
  /** Whose login counts. */
  readonly host: string;
}

/** GitHub, if the configuration or the origin remote names a repository there. `origin`: see pinnedOrigin. */
export function forgeAddress(settings: Pick<Settings, 'repo' | 'github'>, origin: string | null): ForgeAddress | null {
  const remote = parseRemote(origin ?? '');
  const named = settings.repo?.split('/');
  const owner = named?.[0] ?? remote?.owner;
  const name = named?.[1] ?? remote?.name;
  if (owner === undefined || name === undefined) return null;
  const given = settings.github.apiUrl;
  // A repository that is named outright is where the settings say; else the remote tells the host, too.
  const guessed = named === undefined && remote !== null && given === 'https://api.github.com';
  return { owner, name, apiUrl: guessed ? apiUrlFor(remote.host) : given, host: remote?.host ?? 'github.com' };
}

/** What `origin` names, if it is a repository on a forge: for a first `tac8.yaml`. */
export function addressOfOrigin(origin: string | null): { readonly repo: string; readonly apiUrl: string } | null {
  const remote = parseRemote(origin ?? '');
  return remote === null ? null : { repo: `${remote.owner}/${remote.name}`, apiUrl: apiUrlFor(remote.host) };
}

/**
 * The repository on the forge that git pushes to, as its address names it: a fork of the one that pulls are opened in, or that one itself.
 * Null: the address names none there, or is not known yet.
 */
export function headNames(head: string | null, apiUrl: string): { readonly owner: string; readonly name: string } | null {
  const pushed = parseRemote(head ?? '');
  const site = siteOf(apiUrl);
  if (pushed === null || ![site.host, site.hostname].includes(pushed.host)) return null;
  return { owner: pushed.owner, name: pushed.name };
}

/** The page of an issue, for a browser. A pull's number leads to the pull. */
export function issuePage({ owner, name, apiUrl }: ForgeAddress, issue: number): string {
  return `${siteOf(apiUrl).origin}/${owner}/${name}/issues/${issue}`;
}

/** Where people and git reach a forge. api.github.com and api.tenant.ghe.com are beside their sites; an Enterprise Server has both on one host. */
export function siteOf(apiUrl: string): URL {
  const api = new URL(apiUrl);
  return new URL(`${api.protocol}//${api.host.replace(/^api\.(?=github\.com$|.*\.ghe\.com$)/, '')}`);
}

/** The origin as it was pinned; before that, as it is worked out now. */
export const pinnedOrigin = (store: Pick<Store, 'fact'>, now: Pick<Meaning, 'origin'>): string | null =>
  (store.fact('remote') ?? now).origin;

/** As git's settings have it, with no rule of git's or ssh's applied: asks nobody. */
export const asWritten = (gitDir: string): Meaning => ({ origin: originUrl(gitDir), head: null });

export interface KeptMemory extends RemoteMemory {
  /** What a person should know: the settings name another address than the one that counts. Null: they do not. */
  held(): string | null;
  /** What a person should know: the last fetch failed. Null: it did not. */
  unfetched(): string | null;
  /** Where the branches of pulls are; null: nobody knows yet. */
  head(): string | null;
  /** The forge's number of the repository of this name; null: it was not asked yet. */
  numberOf(name: string): number | null;
  keepNumber(name: string, number: number): void;
  /** The address that git's settings name now counts from now on, since a person said so. */
  accept(address: Pinned, meaning: Meaning): void;
}

/**
 * In the store. Only the daemon keeps; a command that looks around changes nothing. What was read once is not read again: a worker can write the
 * database, and only `accept` changes the address of a running daemon.
 */
export function remoteMemory(store: Pick<Store, 'fact' | 'commit'>, meaning: Meaning, keeps: boolean): KeptMemory {
  let first: Pinned | null = null;
  let now: Pinned | null = null;
  let kept: RemoteFact | null = null;
  let problem: string | null = null;
  const known = (): RemoteFact | null => {
    kept ??= store.fact('remote');
    return kept;
  };
  const accept = (address: Pinned, { origin, head }: Meaning): void => {
    kept = { fetch: address.fetch, push: address.push, origin, ...(head === null ? {} : { head }) };
    store.commit({ facts: { remote: kept } });
  };
  return {
    address: () => known() ?? first,
    keepAddress: (address) => {
      first = address;
      if (keeps) accept(address, meaning);
    },
    accept,
    tells: keeps,
    numberOf: (of) => {
      const { number } = known() ?? {};
      return number?.of === of ? number.is : null;
    },
    keepNumber: (of, is) => {
      const before = known();
      if (!keeps || before === null) return;
      kept = { ...before, number: { of, is } };
      store.commit({ facts: { remote: kept } });
    },
    head: () => known()?.head ?? (known() ?? first)?.push ?? null,
    sees: (seen) => {
      now = seen;
    },
    fetched: (words) => {
      problem = words;
    },
    unfetched: () => (problem === null ? null : `the last fetch from the remote failed, and new work starts from what is here: ${problem}`),
    base: () => store.fact('base_branch')?.branch ?? null,
    keepBase: (branch) => {
      if (keeps) store.commit({ facts: { base_branch: { branch } } });
    },
    held: () => heldWords(known(), now),
  };
}

export const addressWords = ({ fetch, push }: Pinned): string =>
  fetch === null ? 'no address' : push === fetch ? fetch : `${fetch} (push: ${push})`;

export function heldWords(pinned: RemoteFact | null, now: Pinned | null): string | null {
  if (pinned === null || now === null || sameAddress(pinned, now)) return null;
  const [old, fresh] = [pinned, now].map(addressWords);
  return `origin has ${fresh} in git’s settings now, and ${old} counts: every worker can write those settings; \`tac8 remote accept\` takes the new one`;
}

/** Takes the address that git's settings name now, and says what came of it. */
export async function acceptNamed(
  memory: Pick<KeptMemory, 'address' | 'accept'>,
  named: () => Promise<Pinned>,
  means: (address: Pinned) => Promise<Meaning>,
): Promise<string> {
  const before = memory.address();
  const address = await named();
  memory.accept(address, await means(address));
  const words = address.fetch ?? 'no remote';
  return before !== null && sameAddress(before, address) ? `nothing changes: ${words}` : `accepted: ${words}`;
}
