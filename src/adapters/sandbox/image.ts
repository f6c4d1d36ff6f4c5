import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** An image of podman's, unpacked: a worker sees its files in the place of this machine's. */
export interface Image {
  readonly name: string;
  readonly system: string;
  /** What it says of the environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** Never one that a worker could have put on the PATH. */
const PLACES = ['/usr/bin/podman', '/usr/local/bin/podman', '/bin/podman'];
const LOOK_LIMIT = 30_000;
/** A large image on a slow disk. */
const UNPACK_LIMIT = 1_800_000;
const MOST = 64 * 1024 * 1024;

/**
 * The image, unpacked once for each of its versions below `folder`; or, in one sentence, why there is none. podman itself starts no worker: its containers
 * would outlive neither its own helper nor a stop as a run does, and take seconds to begin. Nothing is fetched.
 */
export function imageCalled(name: string, folder: string, places: readonly string[] = PLACES): Image | string {
  const program = places.find(isThere);
  if (program === undefined) return 'podman is not installed (Debian and Ubuntu: apt-get install podman)';
  const podman = (limit: number, ...args: readonly string[]) =>
    spawnSync(program, args, { encoding: 'utf8', timeout: limit, maxBuffer: MOST, cwd: '/' });
  const looked = podman(LOOK_LIMIT, 'image', 'inspect', '--format', '{{.Id}} {{json .Config.Env}}', name);
  const [, id, env] = /^(?:sha256:)?([0-9a-f]{64}) (.+)$/m.exec(looked.stdout ?? '') ?? [];
  if (looked.status !== 0 || id === undefined || env === undefined)
    return `podman has no image ${name} (${lastOf(looked)}): podman pull ${name}, or podman build --tag ${name} .`;
  const system = join(folder, id);
  const why = existsSync(system) ? null : unpack(name, system, podman);
  return why === null ? { name, system, env: variablesIn(env) } : `the image ${name} cannot be unpacked: ${why}`;
}

type Podman = (limit: number, ...args: readonly string[]) => ReturnType<typeof spawnSync>;

/** Beside and renamed: half an image is none. Devices, and who owned what, stay behind; so do the files of passwords. */
function unpack(name: string, system: string, podman: Podman): string | null {
  const half = `${system}.${process.pid}`;
  const packed = `${half}.tar`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half, { recursive: true, mode: 0o700 });
  let container: string | null = null;
  try {
    const made = podman(LOOK_LIMIT, 'create', '--pull', 'never', '--network', 'none', name, 'true');
    if (made.status !== 0) return lastOf(made);
    container = String(made.stdout).trim();
    const exported = podman(UNPACK_LIMIT, 'export', '--output', packed, container);
    if (exported.status !== 0) return lastOf(exported);
    const left = ['dev/*', 'proc/*', 'sys/*', 'etc/shadow*', 'etc/gshadow*'].flatMap((path) => [
      '--exclude',
      path,
      '--exclude',
      `./${path}`,
    ]);
    const words = [
      '--extract',
      '--file',
      packed,
      '--directory',
      half,
      '--no-same-owner',
      '--no-wildcards-match-slash',
      '--anchored',
      ...left,
    ];
    const spread = spawnSync('/usr/bin/env', ['tar', ...words], {
      encoding: 'utf8',
      timeout: UNPACK_LIMIT,
      env: { PATH: '/usr/bin:/bin' },
    });
    if (spread.status !== 0) return lastOf(spread);
    renameSync(half, system);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    if (container !== null) podman(LOOK_LIMIT, 'rm', '--force', container);
    rmSync(packed, { force: true });
    rmSync(half, { recursive: true, force: true });
  }
}

/** `["PATH=/usr/bin", …]`; what the worker's own variables say is none of the image's business. */
function variablesIn(json: string): Readonly<Record<string, string>> {
  const lines: unknown = JSON.parse(json);
  const pairs = (Array.isArray(lines) ? lines : []).flatMap((line) => {
    const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=([^\0]*)$/.exec(String(line)) ?? [];
    return name === undefined || value === undefined || /^(?:HOME|TAC8_|tac8__|GIT_)/.test(name) ? [] : [[name, value] as const];
  });
  return Object.fromEntries(pairs);
}

function lastOf({ stderr, error, status }: ReturnType<typeof spawnSync>): string {
  return (
    String(stderr ?? '')
      .trim()
      .split('\n')
      .at(-1) ||
    (error?.message ?? `exit code ${status}`)
  );
}

function isThere(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
