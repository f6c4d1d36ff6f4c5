import { type Database, openDatabase } from '../../adapters/machines/database.ts';
import { forgetMachine } from '../../adapters/machines/forgotten.ts';
import { listMachines, type MachineSeen, machineNamed, setDraining, toldOf } from '../../adapters/machines/register.ts';
import { rightsOfRunner } from '../../adapters/machines/rights.ts';
import { machineWords } from '../../core/explain/machine-words.ts';
import { SILENT_AFTER_MS } from '../../core/limits/machines-seen.ts';
import { age } from '../../core/words/span.ts';
import { postgresUrl } from '../../machines/open.ts';
import { openProject } from '../../place/project.ts';
import { cleanLine } from '../../transcript/show/clean.ts';
import { EXIT, Exit } from '../ground/exit-codes.ts';
import { paint } from '../ground/style.ts';
import { version } from '../ground/version.ts';

export async function showMachines(from: string, asJson: boolean): Promise<void> {
  const machines = await withDatabase(from, listMachines);
  if (asJson) process.stdout.write(`${JSON.stringify({ machines: machines.map(jsonOf) }, null, 2)}\n`);
  else if (machines.length === 0) process.stdout.write('No machine has joined yet: `tac8 runner --help` says how.\n');
  else for (const machine of machines) process.stdout.write(`${lineOf(machine)}\n`);
}

export async function drainMachine(from: string, name: string, draining: boolean): Promise<void> {
  const isThere = await withDatabase(from, (database) => setDraining(database, name, draining));
  if (!isThere) throw new Exit(EXIT.failed, `there is no machine ${name}`, '`tac8 machines` lists them.');
  process.stdout.write(draining ? `${name} is given nothing more; what runs there goes on\n` : `${name} is given work again\n`);
}

export async function forgetOne(from: string, name: string): Promise<void> {
  const runs = await withDatabase(from, async (database) => {
    const seen = await machineNamed(database, name);
    if (seen !== null && seen.silentMs <= SILENT_AFTER_MS)
      throw new Exit(
        EXIT.failed,
        `${name} was heard of ${age(seen.silentMs)} ago: it is not gone`,
        `After ${SILENT_AFTER_MS / 1_000} s of silence it can be given up. \`tac8 drain ${name}\` gives it nothing more to do; what runs there goes on.`,
      );
    return forgetMachine(database, name);
  });
  if (runs === null) throw new Exit(EXIT.failed, `there is no machine ${name}`, '`tac8 machines` lists them.');
  const what = runs.length === 0 ? 'it had no run' : `${runs.join(', ')}: the work goes on elsewhere, from the last snapshot`;
  process.stdout.write(`${name} is given up; ${what}\n`);
}

export async function grantRole(from: string, role: string): Promise<void> {
  await withDatabase(from, (database) => database.query(rightsOfRunner(database.schema, role)));
  process.stdout.write(`${role} has the rights of a runner: \`tac8 runner --join\` with its login\n`);
}

async function withDatabase<T>(from: string, work: (database: Database) => Promise<T>): Promise<T> {
  const { settings } = await openProject(from, process.env);
  if (settings.machines === null)
    throw new Exit(EXIT.failed, 'tac8.yaml names no machines: workers run here', 'See `machines` in docs/machines.md.');
  const database = await openDatabase(postgresUrl(settings.machines, process.env), settings.machines.schema);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

const lineOf = (seen: MachineSeen): string =>
  `${paint('bold', seen.name)}  ${cleanLine(machineWords(toldOf(seen, Date.now()), Date.now(), version()))}${seen.runs.length === 0 ? '' : `\n  ${seen.runs.join(' ')}`}`;

const jsonOf = (seen: MachineSeen) => ({
  ...{ name: seen.name, version: seen.version, protocol: seen.protocol, boot_id: seen.boot, slots: seen.slots, runs: seen.runs },
  ...{ labels: seen.labels, draining: seen.draining, forgotten: seen.forgotten, broken: seen.broken, silent_ms: Math.round(seen.silentMs) },
  ...{ load_per_core: seen.load, free_disk_bytes: seen.freeDisk, free_memory_bytes: seen.freeMemory },
});
