import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

/*
 * The real Claude Code for the tests that talk to it: pinned, checked, kept in the cache folder and never a dependency
 * (it is 381 MB, and not ours to hand on).
 */

export const CLAUDE_VERSION = '2.1.330';

const INTEGRITY: Readonly<Record<string, string>> = {
  x64: 'sha512-9Gn+V7DtJ8M1nztP9CeDVl9g3RtrepI7rOFTyPRRnZe8D6zebIHKmC7OvBauucuAP0X0k85SDN/LPVZyjsGezQ==',
  arm64: 'sha512-V4yanAY5EA5UpwwRPtjSfqDbNqAlUJeVn3NYZw2AgmRHjdpSsLtHAzbxRXfkAnbjwTXzE0uedjQxUY02ARPcsA==',
};

const FETCH_LIMIT_MS = 10 * 60_000;
const run = promisify(execFile);

/** Where the binary is, once fetched. */
export const claudePath = (cacheDir: string): string => join(cacheDir, 'claude', CLAUDE_VERSION, 'claude');

/** The path of the pinned binary; fetched through npm and checked where it is not there yet. A crash leaves nothing half. */
export async function ensureClaude(cacheDir: string): Promise<string> {
  const path = claudePath(cacheDir);
  if (await exists(path)) return path;
  const integrity = INTEGRITY[process.arch];
  if (process.platform !== 'linux' || integrity === undefined) {
    throw new Error(
      `there is no pinned claude for ${process.platform}-${process.arch}: the tests with the real agent run on linux-x64 and linux-arm64`,
    );
  }
  await mkdir(join(cacheDir, 'claude'), { recursive: true });
  const work = await mkdtemp(join(cacheDir, 'claude', 'fetching-'));
  try {
    const tarball = await pack(`@anthropic-ai/claude-code-linux-${process.arch}@${CLAUDE_VERSION}`, work);
    await check(tarball, integrity);
    await run('tar', ['-xzf', tarball, '-C', work, 'package/claude'], { timeout: FETCH_LIMIT_MS });
    await chmod(join(work, 'package/claude'), 0o755);
    await mkdir(join(cacheDir, 'claude', CLAUDE_VERSION), { recursive: true });
    await rename(join(work, 'package/claude'), path);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return path;
}

async function pack(spec: string, into: string): Promise<string> {
  const { stdout } = await run('npm', ['pack', spec, '--pack-destination', into, '--json', '--ignore-scripts'], {
    timeout: FETCH_LIMIT_MS,
  });
  const [packed] = JSON.parse(stdout) as readonly { readonly filename: string }[];
  if (packed === undefined) throw new Error(`npm pack ${spec} answered nothing`);
  return join(into, packed.filename);
}

async function check(tarball: string, integrity: string): Promise<void> {
  const hash = createHash('sha512');
  await pipeline(createReadStream(tarball), hash);
  const found = `sha512-${hash.digest('base64')}`;
  if (found !== integrity) throw new Error(`${tarball} has the checksum ${found}, not the pinned ${integrity}: it is not used`);
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

if (import.meta.main) console.log(await ensureClaude(join(import.meta.dirname, '..', '.cache')));
