import { join } from 'node:path';
import { ensureFile } from './fetch-package.ts';

/* The real OpenCode for the tests that talk to it. It is no dependency: it has 180 MB. The build for processors of any age. */

export const OPENCODE_VERSION = '1.18.33';

const INTEGRITY = 'sha512-1KQGBiiDDeL/VHHbHkOvvFo8Jr97WT5+C1tear+p7IcDTnXgVHXqIjU4O4jM4mHQzykTP2i884FCnW5LDa+zCA==';

/** Where the binary is, once fetched. */
export const opencodePath = (cacheDir: string): string => join(cacheDir, 'opencode', OPENCODE_VERSION, 'opencode');

/** The path of the pinned binary, fetched where it is not there yet. Null: there is none for this machine. */
export async function ensureOpencode(cacheDir: string): Promise<string | null> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  const spec = `opencode-linux-x64-baseline@${OPENCODE_VERSION}`;
  return await ensureFile({ spec, integrity: INTEGRITY, file: 'package/bin/opencode', path: opencodePath(cacheDir), program: true });
}

if (import.meta.main) console.log(await ensureOpencode(join(import.meta.dirname, '../../.cache')));
