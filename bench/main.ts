import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { endWith } from './leave.ts';
import { ensurePrograms } from './programs.ts';
import { holds, type Measured, type Results, reportOf } from './report.ts';
import type { Bench, Figure, Measurement } from './row.ts';
import { commandStart } from './rows/commands/command-start.ts';
import { viewLog } from './rows/commands/view-log.ts';
import { editToWorker } from './rows/loop/edit-to-worker.ts';
import { fiveHundred } from './rows/loop/five-hundred.ts';
import { fleet } from './rows/loop/fleet.ts';
import { idleDaemon } from './rows/loop/idle-daemon.ts';
import { shortTasks } from './rows/loop/short-tasks.ts';
import { waitingTasks } from './rows/loop/waiting-tasks.ts';
import { machines } from './rows/machines/machines.ts';
import { shipping } from './rows/machines/shipping.ts';
import { pageFleet } from './rows/page/page-fleet.ts';
import { pageLog } from './rows/page/page-log.ts';
import { agents } from './rows/tasks/agents.ts';
import { github } from './rows/tasks/github.ts';
import { labelToAgent } from './rows/tasks/label-to-agent.ts';
import { largeRepository } from './rows/tasks/large-repository.ts';
import { sandbox } from './rows/tasks/sandbox.ts';
import { buildBefore, install, NOW, namedBefore, type Subject } from './subject.ts';
import { largeSource } from './world/source.ts';
import { measureYardsticks } from './yardsticks.ts';

const MEASUREMENTS: Readonly<Record<string, Measurement>> = {
  commands: commandStart,
  label: labelToAgent,
  idle: idleDaemon,
  edit: editToWorker,
  waiting: waitingTasks,
  hundred: fleet,
  'five-hundred': fiveHundred,
  short: shortTasks,
  large: largeRepository,
  view: viewLog,
  agents,
  page: pageFleet,
  'page-log': pageLog,
  github,
  sandbox,
  machines,
  shipping,
};
const ROOT = join(import.meta.dirname, '..');
const PAGE = join(ROOT, 'docs/benchmarks.md');
const USAGE = `npm run bench -- [--only NAME]… [--rounds N] [--before REVISION | --before-dir DIR | --no-before] [--json]
NAME: ${Object.keys(MEASUREMENTS).join(', ')}`;

interface Options {
  readonly names: readonly string[];
  readonly rounds: number;
  readonly before: Subject | null;
  readonly json: boolean;
  /** All rows of both versions: fit to be published. */
  readonly whole: boolean;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      rounds: { type: 'string', default: '15' },
      before: { type: 'string' },
      'before-dir': { type: 'string' },
      'no-before': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const names = values.only ?? Object.keys(MEASUREMENTS);
  const unknown = names.find((name) => MEASUREMENTS[name] === undefined);
  if (unknown !== undefined) throw new Error(`--only ${unknown} is no row\n${USAGE}`);
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds ${values.rounds} is no number of rounds\n${USAGE}`);
  const folder = values['before-dir'];
  const revision = values.before ?? namedBefore();
  const before = values['no-before'] ? null : folder === undefined ? buildBefore(revision) : { name: folder, folder: resolve(folder) };
  return { names, rounds, before, json: values.json, whole: values.only === undefined && before !== null };
}

/** Measures the built files and those of the version before; a whole run writes docs/benchmarks.md. Exit code 1 when a bound is broken. */
async function main(): Promise<void> {
  ensurePrograms();
  const { names, rounds, before, json, whole } = readOptions();
  const shared = mkdtempSync(join(tmpdir(), 'tac8-bench-'));
  endWith(shared);
  try {
    const benchOf = (subject: Subject) => (dir: string) => benchIn({ dir, shared, rounds, subject });
    const repository = largeSource(benchOf(NOW)(shared)).checkout;
    say('yardsticks');
    const yardsticks = await inFolder(shared, (dir) => measureYardsticks(benchIn({ dir, shared, rounds, subject: NOW }), repository));
    const figures: Measured[] = [];
    for (const name of names) {
      const measure = (subject: Subject) => measureOne(name, subject, shared, benchOf(subject));
      const now = await measure(NOW);
      const then = before === null ? [] : await measure(before);
      for (const figure of now) figures.push({ now: figure, before: then.find((other) => other.name === figure.name) ?? null });
    }
    publish({ date: new Date(), revision: before?.name ?? null, yardsticks, figures }, json, whole);
  } finally {
    rmSync(shared, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A row that fails is told and missing; the others are measured all the same. */
async function measureOne(name: string, subject: Subject, shared: string, benchOf: (dir: string) => Bench): Promise<readonly Figure[]> {
  const measure = MEASUREMENTS[name];
  if (measure === undefined) throw new Error(`${name} is no row`);
  const began = performance.now();
  say(`${name}, ${subject.name} …`);
  try {
    const figures = await inFolder(shared, (dir) => measure(benchOf(dir)));
    for (const figure of figures) say(`  ${lineOf(figure)}`);
    return figures;
  } catch (error) {
    say(`  ${name} could not be measured: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return subject === NOW ? [failed(name, error)] : [];
  } finally {
    say(`  ${((performance.now() - began) / 1000).toFixed(0)} s`);
  }
}

const failed = (name: string, error: unknown): Figure => ({
  name,
  value: Number.NaN,
  unit: 'ms',
  shown: 'could not be measured',
  bound: { kind: 'met', text: 'is measured', holds: false },
  how: (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '',
});

function lineOf(figure: Figure): string {
  const { name, value, unit, shown, yardstick } = figure;
  const held = holds({ now: figure, before: null });
  const ratio =
    yardstick === undefined ? '' : ` = ${(value / yardstick.value).toFixed(2)} × ${yardstick.what} (${yardstick.value.toFixed(2)})`;
  return `${held === false ? 'BROKEN ' : ''}${name}: ${shown ?? `${value.toFixed(2)} ${unit}`}${ratio}`;
}

function publish(results: Results, json: boolean, whole: boolean): void {
  const report = reportOf(results);
  process.stdout.write(json ? `${JSON.stringify(results, null, 2)}\n` : report);
  if (whole) writeFileSync(PAGE, `${report}${writtenByHand()}`);
  if (results.figures.some((measured) => holds(measured) === false)) process.exitCode = 1;
}

/** What stands below the tables and no run measures. */
function writtenByHand(): string {
  return /\n## By hand\n[\s\S]*$/.exec(readFileSync(PAGE, 'utf8'))?.[0] ?? '';
}

function benchIn({ dir, shared, rounds, subject }: { dir: string; shared: string; rounds: number; subject: Subject }): Bench {
  const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: dir, LANG: 'C.UTF-8', GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' };
  return { tac8: install(subject, dir), node: process.execPath, dir, shared, env, rounds, say: (text) => say(`  ${text}`) };
}

function say(text: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
}

async function inFolder<T>(shared: string, work: (dir: string) => Promise<T>): Promise<T> {
  const dir = join(shared, 'row');
  mkdirSync(dir);
  try {
    return await work(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

await main();
// Whatever a row left open is of no use any more.
process.exit();
