import { type ApiOptions, createApi } from '../rest/api.ts';
import { parseRemote } from './remote.ts';
import { createRepository } from './repository.ts';

/**
 * Where the repository that an address names is now, on the same host, by GitHub's word and the repository's number: a renamed one answers git with a
 * redirect, and git with a login follows none. Null: it is where the address says, or the address is none of that host.
 */
export async function movedTo(options: ApiOptions, host: string, address: string): Promise<string | null> {
  const named = parseRemote(address);
  if (named === null || !URL.canParse(address) || new URL(address).host.toLowerCase() !== host.toLowerCase()) return null;
  const now = await createRepository(createApi(options), named, options.now)(null);
  if (now.owner.toLowerCase() === named.owner.toLowerCase() && now.name.toLowerCase() === named.name.toLowerCase()) return null;
  const url = new URL(address);
  url.pathname = `/${now.owner}/${now.name}.git`;
  return url.href;
}
