import type { Address } from './address.ts';

/** Where the remote is, as a person had it: `null` for none. */
export type Pinned = { readonly [way in keyof Address]: string | null };

/**
 * What is known of the remote beyond this process. A worker can write the repository's settings and refs, so that neither the address nor the
 * base branch is read from them more than once.
 */
export interface RemoteMemory {
  /** As it stood when a person first started tac8, or confirmed it; null: nobody has yet. */
  address(): Pinned | null;
  keepAddress(address: Pinned): void;
  /** Somebody is told of another address at once: the settings are looked at before there is any use for it. */
  readonly tells: boolean;
  /** What the settings name at the moment; told each time that they were looked at. */
  sees(now: Pinned): void;
  /** How the last fetch went; null: well, else why not. */
  fetched(problem: string | null): void;
  /** The remote's default branch, as it last said; null: it was not asked yet. */
  base(): string | null;
  keepBase(branch: string): void;
}

/** For a process alone. */
export function shortMemory(): RemoteMemory {
  let address: Pinned | null = null;
  let base: string | null = null;
  return {
    address: () => address,
    keepAddress: (given) => {
      address = given;
    },
    tells: true,
    sees: () => undefined,
    fetched: () => undefined,
    base: () => base,
    keepBase: (given) => {
      base = given;
    },
  };
}

export const NO_REMOTE: Pinned = { fetch: null, push: null };

export const sameAddress = (one: Pinned, other: Pinned): boolean => one.fetch === other.fetch && one.push === other.push;
