import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { boardWrite } from './board-write.ts';
import { editToWorker } from './edit-to-worker.ts';
import { hundredWorkers } from './hundred-workers.ts';
import { idleDaemon } from './idle-daemon.ts';
import { labelToAgent } from './label-to-agent.ts';
import type { Bench, Measurement, Row } from './row.ts';
import { statusTime } from './status-time.ts';
import { viewLog } from './view-log.ts';

const MEASUREMENTS: Readonly<Record<string, Measurement>> = {
  status: statusTime,
  label: labelToAgent,
  idle: idleDaemon,
  board: boardWrite,
  edit: editToWorker,
  view: viewLog,
  hundred: hundredWorkers,
};
const ROOT = join(import.meta.dirname, '..');

/** Measures everything, or `--only NAME`, on the built files; a whole run writes docs/benchmarks.md. Exit code 1 when a bound is broken. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { only: { type: 'string' }, rounds: { type: 'string', default: '15' } } });
  const names = values.only === undefined ? Object.keys(MEASUREMENTS) : [values.only];
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds ${values.rounds} is no number of rounds`);
  const rows: Row[] = [];
  for (const name of names) {
    const measure = MEASUREMENTS[name];
    if (measure === undefined) throw new Error(`--only ${name} is none of ${Object.keys(MEASUREMENTS).join(', ')}`);
    process.stderr.write(`measuring ${name} …\n`);
    rows.push(...(await inFolder((dir) => measure(benchIn(dir, rounds)))));
  }
  const report = reportOf(rows);
  process.stdout.write(report);
  if (values.only === undefined) writeFileSync(join(ROOT, 'docs/benchmarks.md'), report);
  if (rows.some((row) => !row.holds)) process.exitCode = 1;
}

function benchIn(dir: string, rounds: number): Bench {
  const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: dir, LANG: 'C.UTF-8', GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' };
  return { tac8: [process.execPath, join(ROOT, 'dist/main.js')], installed: install(dir), dir, env, rounds };
}

/** As npm would lay it out: the command beside the built files, and no sources, which it would rather run. */
function install(dir: string): string {
  const folder = join(dir, 'installed');
  cpSync(join(ROOT, 'bin'), join(folder, 'bin'), { recursive: true });
  for (const name of ['dist', 'node_modules', 'package.json']) symlinkSync(join(ROOT, name), join(folder, name));
  return join(folder, 'bin/tac8');
}

async function inFolder<T>(work: (dir: string) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'tac8-bench-'));
  try {
    return await work(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

function reportOf(rows: readonly Row[]): string {
  const [cpu] = cpus();
  const machine = `${cpus().length} × ${cpu?.model.trim() ?? 'processor'}, ${Math.round(totalmem() / 1024 ** 3)} GiB, Linux ${release()}, Node ${process.versions.node}`;
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  const head = ['what', 'tac8', 'instead of it', 'ratio', 'bound', 'holds', 'how measured'];
  const table = rows.map(({ what, tac8, rival, ratio, bound, holds, how }) =>
    line([what, tac8, rival, ratio, bound, holds ? 'yes' : '**no**', how]),
  );
  return `# Benchmarks

Written by \`npm run bench\`: tac8 as it is built beside what one would use instead, in turns, in one run, on one machine.

Machine: ${machine}. Date: ${new Date().toISOString().slice(0, 10)}.

${line(head)}${line(head.map(() => '---'))}${table.join('')}`;
}

await main();
