import { join } from 'node:path';
import { ensureFile } from './fetch-package.ts';

/* The real Gemini CLI for the tests that talk to it: a bundle that Node runs, 96 MB. It is no dependency. */

export const GEMINI_VERSION = '0.61.0';

const INTEGRITY = 'sha512-dbQ9A0qBtFJNi6XBkHvfZ6Azpn6PNgH/P8h2MZ67RLlX8hSAVjup39CRWqdRxZv7YXIuhrFaytr8y0jKnkoxnQ==';

const packagePath = (cacheDir: string): string => join(cacheDir, 'gemini', GEMINI_VERSION, 'package');

/** What Node runs, once fetched. */
export const geminiPath = (cacheDir: string): string => join(packagePath(cacheDir), 'bundle/gemini.js');

/** The path of the pinned program, fetched where it is not there yet. */
export async function ensureGemini(cacheDir: string): Promise<string> {
  const spec = `@google/gemini-cli@${GEMINI_VERSION}`;
  // All of the package: the program asks it which version it is.
  await ensureFile({ spec, integrity: INTEGRITY, file: 'package', path: packagePath(cacheDir) });
  return geminiPath(cacheDir);
}

if (import.meta.main) console.log(await ensureGemini(join(import.meta.dirname, '../../.cache')));
