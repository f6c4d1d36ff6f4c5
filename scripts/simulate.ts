import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { SAFEGUARDS, type Safeguard } from '../test/simulation/safeguards.ts';
import { shrink } from '../test/simulation/shrink.ts';
import { type Report, simulate } from '../test/simulation/simulate.ts';

/*
 * Drives the real core and engine through made-up weeks: `npm run simulate -- --seeds 200 --days 7`.
 * `--seed S` plays one story and prints every step of it; `--without "boot id"` takes a safeguard away; `--json` prints one object.
 * The exit code is 1 where a promise was broken.
 */

interface Job {
  readonly seeds: readonly number[];
  readonly days: number;
  readonly density: number;
  readonly without: Safeguard | null;
}
type Told = Omit<Report, 'trace' | 'incidents'> & { readonly incidents: number };

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    days: { type: 'string', default: '7' },
    density: { type: 'string', default: '1' },
    seed: { type: 'string' },
    without: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

if (!isMainThread) await work(workerData as Job);
else if (values.seed !== undefined) await replay(whole(values.seed, '--seed'));
else await many();

async function work({ seeds, days, density, without }: Job): Promise<void> {
  for (const seed of seeds) parentPort?.postMessage(tell(await simulate({ seed, days, density, without })));
}

function tell({ trace: _, incidents, ...rest }: Report): Told {
  return { ...rest, incidents: incidents.length };
}

async function many(): Promise<void> {
  const job = { days: positive(values.days, '--days'), density: positive(values.density, '--density'), without: safeguard() };
  const from = whole(values.from, '--from');
  const seeds = Array.from({ length: whole(values.seeds, '--seeds') }, (_, at) => from + at);
  const threads = Math.min(availableParallelism(), seeds.length);
  const began = performance.now();
  const shares = Array.from({ length: threads }, (_, thread) => seeds.filter((_seed, at) => at % threads === thread));
  const told = (await Promise.all(shares.map((share) => inThread({ ...job, seeds: share })))).flat();
  const broken = told.filter(({ violation }) => violation !== null).sort((a, b) => a.seed - b.seed);
  const sum = (of: (one: Told) => number): number => told.reduce((total, one) => total + of(one), 0);
  const totals = {
    seeds: told.length,
    days: job.days,
    incidents: sum((one) => one.incidents),
    runs: sum((one) => one.runs),
    ticks: sum((one) => one.ticks),
  };
  const seconds = Math.round((performance.now() - began) / 1_000);
  if (values.json)
    process.stdout.write(
      `${JSON.stringify({ ...totals, seconds, violations: broken.map(({ seed, violation }) => ({ seed, ...violation })) })}\n`,
    );
  else {
    for (const { seed, violation } of broken) process.stdout.write(`seed ${seed}: ${violation?.invariant}: ${violation?.message}\n`);
    const { seeds: played, days, incidents, runs, ticks } = totals;
    process.stdout.write(
      `${played} stories of ${days} days: ${incidents} incidents, ${runs} runs, ${ticks} ticks in ${seconds} s; ${broken.length} violations\n`,
    );
    if (broken[0] !== undefined) process.stdout.write(`Look at one: npm run simulate -- --days ${job.days} --seed ${broken[0].seed}\n`);
  }
  process.exitCode = broken.length === 0 ? 0 : 1;
}

function inThread(job: Job): Promise<Told[]> {
  return new Promise((resolve, reject) => {
    const told: Told[] = [];
    const worker = new Worker(new URL(import.meta.url), { workerData: job, argv: process.argv.slice(2) });
    worker.on('message', (one: Told) => told.push(one));
    worker.once('error', reject);
    worker.once('exit', () => resolve(told));
  });
}

/** One story, and where it fails the shortest one that fails alike, step by step. */
async function replay(seed: number): Promise<void> {
  const options = { seed, days: positive(values.days, '--days'), density: positive(values.density, '--density'), without: safeguard() };
  const report = await simulate(options);
  const least = report.violation === null ? report : await shrink(report, options);
  const { violation, incidents, trace } = await simulate({ ...options, incidents: least.incidents, trace: true });
  if (values.json) process.stdout.write(`${JSON.stringify({ seed, violation, incidents, trace })}\n`);
  else {
    process.stdout.write(`${trace.join('\n')}\n\n`);
    process.stdout.write(
      violation === null ? `seed ${seed}: no promise was broken\n` : `seed ${seed}: ${violation.invariant}: ${violation.message}\n`,
    );
  }
  process.exitCode = violation === null ? 0 : 1;
}

function safeguard(): Safeguard | null {
  const { without } = values;
  if (without === undefined) return null;
  const found = SAFEGUARDS.find((one) => one === without);
  if (found === undefined) throw new Error(`--without ${without}: there is no such safeguard; there are ${SAFEGUARDS.join(', ')}`);
  return found;
}

function whole(text: string, name: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name} ${text}: a whole number from 1 on is meant`);
  return value;
}

function positive(text: string, name: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`${name} ${text}: a number above 0 is meant`);
  return value;
}
