import { join } from 'node:path';
import { createGitHubForge, type GitHubForge } from '../adapters/github/forge.ts';
import { useProxies } from '../adapters/machine/proxies.ts';
import { createIssueTexts } from '../adapters/text/issue-texts.ts';
import type { IssueTexts } from '../engine/ports/outside/issue-texts.ts';
import type { Log } from '../engine/ports/records/log.ts';
import { ownProgram } from '../place/own-files.ts';
import type { Project } from '../place/project.ts';
import type { ForgeAccess } from './forge-access.ts';
import { headNames, type KeptMemory } from './forge-address.ts';

/** The forge itself: loads what it is asked with, which weighs more than the rest of a command. */
export function composeForge(
  access: ForgeAccess,
  memory: Pick<KeptMemory, 'head' | 'numberOf' | 'keepNumber'>,
  log: Log,
  { root, state }: Pick<Project, 'root' | 'state'>,
  /** What a daemon has that outlives a reload; null: a command looks, and leaves nothing behind. `mayWrite` is waited for before each write. */
  daemon: { readonly prose: IssueTexts['prose']; readonly mayWrite: (() => Promise<void>) | undefined } | null = null,
): GitHubForge {
  useProxies(process.env);
  const named = `${access.apiUrl} ${access.repo.owner}/${access.repo.name}`;
  return createGitHubForge({
    ...access,
    pushedTo: () => headNames(memory.head(), access.apiUrl),
    pin: { read: () => memory.numberOf(named), keep: (number) => memory.keepNumber(named, number) },
    log,
    prose: daemon?.prose ?? composeProse(),
    places: [root],
    folder: { path: join(state, 'github'), isWriting: daemon !== null },
    timeoutMs: 30_000,
    ...(daemon?.mayWrite === undefined ? {} : { mayWrite: daemon.mayWrite }),
    ...(isLoopback(access.apiUrl) ? { writeGapMs: 0 } : {}),
  });
}

/** The list of open pulls waits for it: what takes longer closes nothing. */
const PROSE = { cpu: 1_000, wall: 10_000, megabytes: 256 } as const;

/** Reads what others say in their pulls. */
export const composeProse = (): IssueTexts['prose'] => createIssueTexts(ownProgram('adapters/text/thread'), PROSE).prose;

/** The pause between writes is GitHub's wish; a forge on this machine has no such wish. */
const isLoopback = (url: string): boolean => /^https?:\/\/(127\.|localhost[:/]|\[::1\])/.test(url);
