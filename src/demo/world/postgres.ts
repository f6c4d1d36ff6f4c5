import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, globSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A real Postgres on loopback, with a folder of its own. It ends by itself when this process is gone. */
export interface Postgres {
  readonly url: string;
  readonly port: number;
  readonly pid: () => number | null;
  /** As a power cut ends it. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Ends it, and removes its folder. */
  end(): Promise<void>;
}

/** Debian keeps the server’s programs off PATH. */
function programs(): string {
  const found = globSync('/usr/lib/postgresql/*/bin/postgres').sort().at(-1);
  if (found === undefined) throw new Error('there is no Postgres on this machine: install Debian’s package postgresql');
  return join(found, '..');
}

/** Postgres refuses to run as root; Debian’s package brings a user for it. */
function user(): { readonly uid: number; readonly gid: number } | Record<string, never> {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

const UP_WITHIN_MS = 60_000;
/** The kernel ends the server with whoever started it. */
const SETPRIV = '/usr/bin/setpriv';

export async function startPostgres(): Promise<Postgres> {
  const bin = programs();
  const as = user();
  const home = mkdtempSync(join(tmpdir(), 'tac8-postgres-'));
  const data = join(home, 'data');
  mkdirSync(data, { mode: 0o700 });
  if (as.uid !== undefined) for (const folder of [home, data]) chownSync(folder, as.uid, as.gid);
  const env = { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' };
  const initdb = [join(bin, 'initdb'), '-D', data, '-U', 'tac8', '-A', 'trust', '-E', 'UTF8', '--no-sync'] as const;
  const made = spawnSync(initdb[0], initdb.slice(1), { ...as, env, cwd: home, encoding: 'utf8' });
  if (made.status !== 0) {
    rmSync(home, { recursive: true, force: true });
    throw new Error(`initdb: ${made.error?.message ?? ''}${made.stdout ?? ''}${made.stderr ?? ''}`);
  }
  const port = await freePort();
  let server: ReturnType<typeof spawn> | null = null;

  const start = async (): Promise<void> => {
    const options = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', home, '-c', 'fsync=off', '-c', 'shared_buffers=16MB'];
    const argv = [...(existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'QUIT', '--'] : []), join(bin, 'postgres'), ...options];
    server = spawn(argv[0] ?? '', argv.slice(1), { ...as, env, cwd: home, stdio: 'ignore' });
    const isUp = (): boolean => spawnSync(join(bin, 'pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port)], { env }).status === 0;
    for (const end = Date.now() + UP_WITHIN_MS; !isUp(); await sleep(100))
      if (Date.now() > end) throw new Error('Postgres did not come up within a minute');
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const mine = server;
    if (mine === null || mine.exitCode !== null || mine.signalCode !== null) return;
    const ended = new Promise((resolve) => mine.once('exit', resolve));
    mine.kill(signal);
    await ended;
  };
  const over = async (): Promise<void> => {
    await end('SIGQUIT');
    rmSync(home, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (error) {
    await over();
    throw error;
  }
  const url = `postgres://tac8@127.0.0.1:${port}/postgres`;
  return { url, port, pid: () => server?.pid ?? null, start, kill: () => end('SIGQUIT'), end: over };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
