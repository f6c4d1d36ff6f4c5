import { join } from 'node:path';
import { ensureFile } from './fetch-package.ts';

/* The real Codex for the tests that talk to it. It is no dependency: it has 290 MB. */

export const CODEX_VERSION = '0.169.0';

const BUILDS: Readonly<Record<string, { readonly integrity: string; readonly target: string }>> = {
  x64: {
    integrity: 'sha512-o05NyAOCDygSPRo1yinzxvkRSdmsZyBD9E7mbpmjRanSfM8lypqWtQgEo4XfNkwhuCR2aFu8mlGOsQGFXVbVww==',
    target: 'x86_64-unknown-linux-musl',
  },
  arm64: {
    integrity: 'sha512-NZ/DaQUpcQmxmqee7Z9uC1rzw3GhSbooawcaTe1LN5Yk+WlinUKGdTXJgClRT/9ogQEEM9TWxYzvxPfj5G/xFg==',
    target: 'aarch64-unknown-linux-musl',
  },
};

/** Where the binary is, once fetched. */
export const codexPath = (cacheDir: string): string => join(cacheDir, 'codex', CODEX_VERSION, 'codex');

/** The path of the pinned binary, fetched where it is not there yet. */
export async function ensureCodex(cacheDir: string): Promise<string> {
  const build = BUILDS[process.arch];
  if (process.platform !== 'linux' || build === undefined) {
    throw new Error(
      `there is no pinned codex for ${process.platform}-${process.arch}: the tests with the real agent run on linux-x64 and linux-arm64`,
    );
  }
  const spec = `@openai/codex@${CODEX_VERSION}-linux-${process.arch}`;
  const file = `package/vendor/${build.target}/bin/codex`;
  return await ensureFile({ spec, integrity: build.integrity, file, path: codexPath(cacheDir), program: true });
}

if (import.meta.main) console.log(await ensureCodex(join(import.meta.dirname, '../../.cache')));
