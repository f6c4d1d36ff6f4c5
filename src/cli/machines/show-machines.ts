import { type Database, openDatabase } from '../../adapters/machines/database.ts';
import { listMachines, type MachineSeen, SILENT_AFTER_MS, setDraining } from '../../adapters/machines/register.ts';
import { age } from '../../core/words/span.ts';
import { postgresUrl } from '../../machines/open.ts';
import { openProject } from '../../place/project.ts';
import { EXIT, Exit } from '../ground/exit-codes.ts';
import { paint } from '../ground/style.ts';

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

const GIB = 1024 ** 3;

function lineOf({ name, silentMs, slots, runs, load, freeDisk, freeMemory, version, draining }: MachineSeen): string {
  const isSilent = silentMs > SILENT_AFTER_MS;
  const heard = isSilent ? paint('red', `silent for ${age(silentMs)}`) : paint('green', 'answers');
  const rest = `load ${load.toFixed(1)} a core · ${(freeMemory / GIB).toFixed(1)} GiB of memory and ${(freeDisk / GIB).toFixed(0)} GiB of disk free · ${version}`;
  const state = `${heard}${draining ? ' · is given nothing more' : ''}`;
  return `${paint('bold', name)}  ${state} · ${runs.length} of ${slots} slots in use · ${rest}${runs.length === 0 ? '' : `\n  ${runs.join(' ')}`}`;
}

const jsonOf = ({ name, boot, version, protocol, slots, load, freeDisk, freeMemory, draining, silentMs, runs }: MachineSeen) => ({
  ...{ name, version, protocol, boot_id: boot, slots, runs, draining, silent_ms: Math.round(silentMs) },
  ...{ load_per_core: load, free_disk_bytes: freeDisk, free_memory_bytes: freeMemory },
});
