import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, globSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { until } from '../world/program.ts';

/** A real Postgres on loopback, with a folder of its own. */
export interface Postgres {
  readonly url: string;
  /** As a power cut ends it. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** Debian keeps the server’s programs off PATH. */
const programs = (): string => {
  const found = globSync('/usr/lib/postgresql/*/bin/postgres').sort().at(-1);
  if (found === undefined) throw new Error('there is no Postgres: install Debian’s package postgresql, as `npm test` does when it is root');
  return join(found, '..');
};

/** Postgres refuses to run as root; Debian’s package brings a user for it. */
function user(): { readonly uid: number; readonly gid: number } | Record<string, never> {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

export async function startPostgres(context: Pick<TestContext, 'onTestFinished'>): Promise<Postgres> {
  const bin = programs();
  const as = user();
  const home = mkdtempSync(join(tmpdir(), 'tac8-postgres-'));
  // The other user has to get to its folder.
  chmodSync(tmpdir(), 0o711);
  const data = join(home, 'data');
  mkdirSync(data, { mode: 0o700 });
  if (as.uid !== undefined) for (const folder of [home, data]) chownSync(folder, as.uid, as.gid);
  const env = { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' };
  const made = spawnSync(join(bin, 'initdb'), ['-D', data, '-U', 'tac8', '-A', 'trust', '-E', 'UTF8', '--no-sync'], {
    ...as,
    env,
    cwd: home,
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(`initdb: ${made.stdout}${made.stderr}`);
  const port = await freePort();
  const url = `postgres://tac8@127.0.0.1:${port}/postgres`;
  let server: ReturnType<typeof spawn> | null = null;

  const start = async (): Promise<void> => {
    const options = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', home, '-c', 'fsync=off', '-c', 'shared_buffers=16MB'];
    server = spawn(join(bin, 'postgres'), options, { ...as, env, cwd: home, stdio: 'ignore' });
    const isUp = (): boolean => spawnSync(join(bin, 'pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port)], { env }).status === 0;
    await until('Postgres', isUp, { within: 60_000, every: 100 });
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const mine = server;
    if (mine === null || mine.exitCode !== null || mine.signalCode !== null) return;
    const ended = new Promise((resolve) => mine.once('exit', resolve));
    mine.kill(signal);
    await ended;
  };
  context.onTestFinished(async () => {
    await end('SIGQUIT');
    rmSync(home, { recursive: true, force: true });
  }, 30_000);
  await start();
  return { url, start, kill: () => end('SIGQUIT') };
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
