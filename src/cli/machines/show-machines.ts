import { type Database, openDatabase } from '../../adapters/machines/database.ts';
import { forgetMachine } from '../../adapters/machines/forgotten.ts';
import { holderOf, listStandbys } from '../../adapters/machines/lead.ts';
import { listMachines, type MachineSeen, machineNamed, setDraining, toldOf } from '../../adapters/machines/register.ts';
import { rightsOfRunner } from '../../adapters/machines/tables/rights.ts';
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
  const { machines, lead, standbys } = await withDatabase(from, async (database) => ({
    machines: await listMachines(database),
    lead: await holderOf(database),
    standbys: await listStandbys(database),
  }));
  if (asJson) {
    const coordinator =
      lead === null ? null : { where: lead.words, generation: Number(lead.generation), silent_ms: Math.round(lead.silentMs) };
    const waiting = standbys.map(({ words, silentMs }) => ({ where: words, silent_ms: Math.round(silentMs) }));
    process.stdout.write(`${JSON.stringify({ coordinator, standbys: waiting, machines: machines.map(jsonOf) }, null, 2)}\n`);
    return;
  }
  if (lead !== null) process.stdout.write(`${paint('bold', 'coordinator')}  ${cleanLine(lead.words)}, ${heard(lead.silentMs)}\n`);
  for (const { words, silentMs } of standbys)
    process.stdout.write(`${paint('bold', 'standby')}  ${cleanLine(words)}, ${heard(silentMs)}\n`);
  if (machines.length === 0) process.stdout.write('No machine has joined yet: `tac8 runner --help` says how.\n');
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

/** One that has left gave the lead up. */
const heard = (silentMs: number): string => (silentMs > A_YEAR_MS ? 'has left' : `heard ${age(silentMs)} ago`);
const A_YEAR_MS = 365 * 24 * 3_600_000;

const lineOf = (seen: MachineSeen): string =>
  `${paint('bold', seen.name)}  ${cleanLine(machineWords(toldOf(seen, Date.now()), Date.now(), version()))}${seen.runs.length === 0 ? '' : `\n  ${seen.runs.join(' ')}`}`;

const jsonOf = (seen: MachineSeen) => ({
  ...{ name: seen.name, version: seen.version, protocol: seen.protocol, boot_id: seen.boot, slots: seen.slots, runs: seen.runs },
  ...{ labels: seen.labels, draining: seen.draining, forgotten: seen.forgotten, broken: seen.broken, silent_ms: Math.round(seen.silentMs) },
  ...{ load_per_core: seen.load, free_disk_bytes: seen.freeDisk, free_memory_bytes: seen.freeMemory },
});
