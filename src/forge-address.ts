import { apiUrlFor, parseRemote } from './adapters/github/remote.ts';
import { originUrl } from './origin.ts';
import type { Project } from './project.ts';

/** Which repository on which forge. */
export interface ForgeAddress {
  readonly owner: string;
  readonly name: string;
  readonly apiUrl: string;
  /** Whose login counts. */
  readonly host: string;
}

/** GitHub, if the configuration or the origin remote names a repository there. */
export function forgeAddress({ settings, gitDir }: Pick<Project, 'settings' | 'gitDir'>): ForgeAddress | null {
  const remote = parseRemote(originUrl(gitDir) ?? '');
  const named = settings.repo?.split('/');
  const owner = named?.[0] ?? remote?.owner;
  const name = named?.[1] ?? remote?.name;
  if (owner === undefined || name === undefined) return null;
  const given = settings.github.apiUrl;
  // A repository that is named outright is where the settings say; else the remote tells the host, too.
  const guessed = named === undefined && remote !== null && given === 'https://api.github.com';
  return { owner, name, apiUrl: guessed ? apiUrlFor(remote.host) : given, host: remote?.host ?? 'github.com' };
}

/** The page of an issue, for a browser. A pull's number leads to the pull. */
export function issuePage({ owner, name, apiUrl }: ForgeAddress, issue: number): string {
  const api = new URL(apiUrl);
  // api.github.com and api.tenant.ghe.com are beside their sites; an Enterprise Server has both on one host.
  const site = `${api.protocol}//${api.host.replace(/^api\.(?=github\.com$|.*\.ghe\.com$)/, '')}`;
  return `${site}/${owner}/${name}/issues/${issue}`;
}
