import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ownProgram } from '../../place/own-files.ts';
import { type Child, startLogged } from '../ground/child.ts';
import type { DemoFolder } from '../ground/folder.ts';
import { type Postgres, startPostgres } from './postgres.ts';

/** The other machines: a Postgres, and a runner for each, all of them processes of this one. */
export interface OtherMachines {
  readonly postgres: Postgres;
  readonly runners: Child[];
  end(): Promise<void>;
}

export const POSTGRES_VARIABLE = 'TAC8_POSTGRES';
/** A machine more than enough: the fleet's own slots are the bound. */
const SLOTS_EACH = 2;

export const machineName = (n: number): string => `machine-${n}`;

/** `env`: as the daemon's, without a login at the forge. */
export async function startMachines(
  folder: DemoFolder,
  count: number,
  { GITHUB_TOKEN: _, ...env }: Readonly<Record<string, string>>,
): Promise<OtherMachines> {
  const postgres = await startPostgres();
  const runners = Array.from({ length: count }, (_, n) => startRunner(folder, machineName(n + 1), postgres.url, env));
  return {
    postgres,
    runners,
    async end() {
      await Promise.all(runners.map((runner) => runner.end([3_000])));
      await postgres.end();
    },
  };
}

/** One runner, in a folder of its own; it ends itself when this process is gone. */
export function startRunner(
  folder: DemoFolder,
  name: string,
  url: string,
  { GITHUB_TOKEN: _, ...env }: Readonly<Record<string, string>>,
  slots = SLOTS_EACH,
): Child {
  const dir = join(folder.root, 'machines', name);
  mkdirSync(dir, { recursive: true });
  const guard = pathToFileURL(ownProgram('demo/world/guard')).href;
  const own = ['runner', '--join', `env:${POSTGRES_VARIABLE}`, '--dir', dir, '--name', name, '--slots', String(slots)];
  return startLogged(
    [process.execPath, '--disable-warning=ExperimentalWarning', '--import', guard, ownProgram('main'), ...own],
    dir,
    { ...env, [POSTGRES_VARIABLE]: url },
    join(dir, 'runner.log'),
  );
}
