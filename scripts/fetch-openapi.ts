import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

const PACKAGE = '@octokit/openapi';
const VERSION = '23.0.2';
const FILE = 'package/generated/api.github.com.json';
/** Of the package's archive; a registry that hands out another one is not believed. */
const INTEGRITY = 'sha512-pV8M7L9GY23AybNvTmo2nyjmpmnt6+2sRE/tqr0ZLQcPS4lnw7u5eZGNmwRNkBC3D7gZXbFx5AHzLUVRBXGDhg==';
const TIME_LIMIT_MS = 300_000;

const run = promisify(execFile);

/** Where GitHub's description of its REST API lies once it is fetched. */
export const openApiPath = (cacheDir: string): string => resolve(cacheDir, 'openapi', VERSION, 'api.github.com.json');

/**
 * Fetches GitHub's description of its REST API, 13 MB of a package of 404, through npm. Does nothing when it is there.
 * It is put in place by a rename: a crash leaves nothing half done. Throws when npm, the archive or its checksum is no good.
 */
export async function ensureOpenApi(cacheDir: string): Promise<string> {
  const path = openApiPath(cacheDir);
  if (existsSync(path)) return path;
  const parent = join(path, '..');
  await mkdir(parent, { recursive: true });
  const work = await mkdtemp(join(parent, 'fetch-'));
  try {
    const archive = await download(work);
    await verify(archive);
    await run('tar', ['-xzf', archive, '-C', work, FILE], { timeout: TIME_LIMIT_MS });
    await rename(join(work, FILE), path);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return path;
}

async function download(work: string): Promise<string> {
  const args = ['pack', `${PACKAGE}@${VERSION}`, '--pack-destination', work, '--json', '--ignore-scripts'];
  try {
    const { stdout } = await run('npm', args, { cwd: work, timeout: TIME_LIMIT_MS, maxBuffer: 16 << 20 });
    const [packed] = JSON.parse(stdout) as { readonly filename: string }[];
    if (packed === undefined) throw new Error(`it printed ${stdout.slice(0, 200)}`);
    return join(work, packed.filename.replace('@', '').replace('/', '-'));
  } catch (error) {
    throw new Error(`npm pack ${PACKAGE}@${VERSION} failed: look whether this machine reaches its npm registry.`, { cause: error });
  }
}

async function verify(archive: string): Promise<void> {
  const hash = createHash('sha512');
  await pipeline(createReadStream(archive), hash);
  const found = `sha512-${hash.digest('base64')}`;
  if (found !== INTEGRITY) throw new Error(`${PACKAGE}@${VERSION} is not what it was: its checksum is ${found}, expected ${INTEGRITY}.`);
}

if (import.meta.main) {
  const path = await ensureOpenApi(resolve(import.meta.dirname, '..', '.cache'));
  process.stdout.write(`${path}\n`);
}
