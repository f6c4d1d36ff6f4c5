import type { Api } from '../rest/api.ts';
import { createRepository, type Repository, type Where } from './repository.ts';

/** A repository by its names. */
export interface Named {
  readonly owner: string;
  readonly name: string;
}

/**
 * Answers the repository that holds the branches of our pulls: a fork, where git pushes to one. Whoever asks compares the
 * numbers and not the names, since a repository that was renamed is pushed to by its former name.
 */
export function createHeads(api: Api, where: Where, pushedTo: () => Named | null, now: () => number): Where {
  let fork: { readonly of: string; readonly ask: Where } | null = null;
  return async (signal) => {
    const base = await where(signal);
    const pushed = pushedTo();
    if (pushed === null || isNamed(base, pushed)) return base;
    const of = `${pushed.owner}/${pushed.name}`;
    if (fork?.of !== of) fork = { of, ask: createRepository(api, pushed, now) };
    return fork.ask(signal);
  };
}

const isNamed = ({ owner, name }: Repository, { owner: theirs, name: called }: Named): boolean =>
  owner.toLowerCase() === theirs.toLowerCase() && name.toLowerCase() === called.toLowerCase();
