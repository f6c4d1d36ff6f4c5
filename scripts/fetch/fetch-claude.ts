import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureFile } from './fetch-package.ts';

/*
 * The real Claude Code for the tests that talk to it. It is no dependency: it has 381 MB, and its licence does not let others hand it on.
 */

export const CLAUDE_VERSION = '2.1.330';

/** The one that is tested: `TAC8_CLAUDE_VERSION` names another than the pinned one, by its number. */
const wanted = (): string => process.env.TAC8_CLAUDE_VERSION ?? CLAUDE_VERSION;

const INTEGRITY: Readonly<Record<string, string>> = {
  x64: 'sha512-9Gn+V7DtJ8M1nztP9CeDVl9g3RtrepI7rOFTyPRRnZe8D6zebIHKmC7OvBauucuAP0X0k85SDN/LPVZyjsGezQ==',
  arm64: 'sha512-V4yanAY5EA5UpwwRPtjSfqDbNqAlUJeVn3NYZw2AgmRHjdpSsLtHAzbxRXfkAnbjwTXzE0uedjQxUY02ARPcsA==',
};

/** Where the binary is, once fetched. */
export const claudePath = (cacheDir: string): string => join(cacheDir, 'claude', wanted(), 'claude');

/** The path of the binary, fetched where it is not there yet. */
export async function ensureClaude(cacheDir: string): Promise<string> {
  const pinned = INTEGRITY[process.arch];
  if (process.platform !== 'linux' || pinned === undefined) {
    throw new Error(
      `there is no pinned claude for ${process.platform}-${process.arch}: the tests with the real agent run on linux-x64 and linux-arm64`,
    );
  }
  const spec = `@anthropic-ai/claude-code-linux-${process.arch}@${wanted()}`;
  // Of another one the registry's own word is all there is.
  const integrity =
    wanted() === CLAUDE_VERSION ? pinned : execFileSync('npm', ['view', spec, 'dist.integrity'], { encoding: 'utf8' }).trim();
  return await ensureFile({ spec, integrity, file: 'package/claude', path: claudePath(cacheDir), program: true });
}

if (import.meta.main) console.log(await ensureClaude(join(import.meta.dirname, '../../.cache')));
