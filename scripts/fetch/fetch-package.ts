import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

const TIME_LIMIT_MS = 10 * 60_000;
const run = promisify(execFile);

export interface FileOfPackage {
  /** `name@version`. */
  readonly spec: string;
  /** Checksum of the package's archive, as the registry states it; an archive with another one is not used. */
  readonly integrity: string;
  /** Path of a file or a folder inside of the archive, `package/…`. */
  readonly file: string;
  /** Where the file goes, absolute. */
  readonly path: string;
  /** A program is made executable, whatever the archive says. */
  readonly program?: boolean;
}

/**
 * One file of a package of the npm registry, for what is too large to be a dependency. Does nothing where the file is there.
 * A rename puts it in place, so a crash leaves no half of it. Throws when npm fails or the checksum is another one.
 */
export async function ensureFile({ spec, integrity, file, path, program = false }: FileOfPackage): Promise<string> {
  if (existsSync(path)) return path;
  await mkdir(dirname(path), { recursive: true });
  const work = await mkdtemp(join(dirname(path), 'fetching-'));
  try {
    const archive = await download(spec, work);
    const found = await checksum(archive);
    if (found !== integrity) throw new Error(`${spec} has the checksum ${found}, not the pinned ${integrity}: it is not used`);
    await run('tar', ['-xzf', archive, '-C', work, file], { timeout: TIME_LIMIT_MS });
    if (program) await chmod(join(work, file), 0o755);
    await rename(join(work, file), path);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return path;
}

async function download(spec: string, work: string): Promise<string> {
  const args = ['pack', spec, '--pack-destination', work, '--json', '--ignore-scripts'];
  try {
    const { stdout } = await run('npm', args, { cwd: work, timeout: TIME_LIMIT_MS, maxBuffer: 16 << 20 });
    const [packed] = JSON.parse(stdout) as readonly { readonly filename: string }[];
    if (packed === undefined) throw new Error(`it printed ${stdout.slice(0, 200)}`);
    // Older versions of npm state the name of a scoped package with its scope.
    return join(work, packed.filename.replace('@', '').replace('/', '-'));
  } catch (error) {
    throw new Error(`npm pack ${spec} failed: see whether this machine reaches its npm registry.`, { cause: error });
  }
}

async function checksum(archive: string): Promise<string> {
  const hash = createHash('sha512');
  await pipeline(createReadStream(archive), hash);
  return `sha512-${hash.digest('base64')}`;
}
