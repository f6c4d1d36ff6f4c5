import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { WITHOUT, type Without } from '../../test/simulation/machines/safeguards.ts';
import { type Common, playMany, type Told } from '../../test/simulation/many/many.ts';
import { isOne, storyOf } from '../../test/simulation/many/story.ts';
import { SAFEGUARDS, type Safeguard } from '../../test/simulation/safeguards.ts';

/* Drives the real core and engine through made-up weeks. The exit code is 1 where a promise was broken, 2 where the command line is wrong. */

interface Flags {
  readonly seeds: number;
  readonly from: number;
  readonly seed?: number;
  readonly days: number;
  readonly density: number;
  readonly without?: Safeguard | Without;
  readonly races: boolean;
  readonly logins: boolean;
  readonly machines: number;
  readonly threads: number;
  readonly json: boolean;
}

const program = new Command('npm run simulate --')
  .description('Drives the real core and engine through made-up weeks full of faults, each from one seed, and says which promises break.')
  .option('--seeds <n>', 'how many stories', whole, 100)
  .option('--from <seed>', 'the first of them', whole, 1)
  .option('--seed <seed>', 'only this one, every step of it told; where it fails, the shortest that fails alike', whole)
  .option('--days <d>', 'how long each is', above0, 7)
  .option(
    '--machines <n>',
    'so many machines that work for a coordinator, with Postgres between them; a day is as long as the story then',
    count,
    0,
  )
  .option('--density <x>', 'how many times more goes wrong than on common days', above0, 1)
  .addOption(new Option('--without <safeguard>', 'takes a safeguard away, to see that it is missed').choices([...SAFEGUARDS, ...WITHOUT]))
  .option('--races', 'each labelled issue gets several attempts side by side', false)
  .option('--logins', 'three logins share the issues, each with the limits of its own provider', false)
  .option('--threads <n>', 'how many at a time', whole, availableParallelism())
  .option('--json', 'one JSON object', false)
  .addHelpText(
    'after',
    `
Examples:
  npm run simulate -- --seeds 200 --days 7
  npm run simulate -- --seed 42
  npm run simulate -- --seeds 50 --days 2 --without "boot id"
  npm run simulate -- --machines 3 --seeds 100
  npm run simulate -- --machines 3 --seeds 200 --without checksum`,
  )
  .showHelpAfterError('(see npm run simulate -- --help)')
  .allowExcessArguments(false)
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse();
const flags = program.opts<Flags>();
const { machines, density, without = null, races, logins } = flags;
/** So much happens among machines that some hours are a story. */
const days = machines > 0 && program.getOptionValueSource('days') === 'default' ? 0.125 : flags.days;
const common: Common = { days, density, without, races, logins, machines };
if (without !== null && !isOne(machines > 0 ? WITHOUT : SAFEGUARDS, without)) {
  process.stderr.write(`"${without}" is ${machines > 0 ? 'of one machine alone' : 'of several machines: add --machines 3'}\n`);
  process.exit(2);
}
if (flags.seed !== undefined) await replay(flags.seed);
else await many();

async function many(): Promise<void> {
  const seeds = Array.from({ length: flags.seeds }, (_, at) => flags.from + at);
  const began = performance.now();
  const all: Told[] = [];
  await playMany(seeds, common, flags.threads, (told) => {
    all.push(told);
    const { seed, violation } = told;
    if (violation !== null && !flags.json) process.stdout.write(`seed ${seed}: ${violation.invariant}: ${violation.message}\n`);
    if (process.stderr.isTTY) process.stderr.write(`\r${all.length} of ${seeds.length} `);
  });
  if (process.stderr.isTTY) process.stderr.write('\r');
  const broken = all.filter(({ violation }) => violation !== null).sort((a, b) => a.seed - b.seed);
  const sum = (of: (one: Told) => number): number => all.reduce((total, one) => total + of(one), 0);
  const totals = {
    ...{ seeds: all.length, days, incidents: sum((one) => one.incidents) },
    fewestIncidents: Math.min(...all.map(({ incidents }) => incidents)),
    ...{
      runs: sum((one) => one.runs),
      ticks: sum((one) => one.ticks),
      statements: sum((one) => one.statements),
      seconds: Math.round((performance.now() - began) / 1_000),
    },
  };
  if (flags.json)
    process.stdout.write(`${JSON.stringify({ ...totals, violations: broken.map(({ seed, violation }) => ({ seed, ...violation })) })}\n`);
  else {
    const { incidents, fewestIncidents, runs, ticks, statements, seconds } = totals;
    process.stdout.write(
      `${all.length} stories of ${days} days: ${incidents} incidents (${fewestIncidents} or more in each), ${runs} runs, ${ticks} ticks, ${statements} statements judged, in ${seconds} s; ${broken.length} violations\n`,
    );
    if (broken[0] !== undefined) process.stdout.write(`Look at one: npm run simulate -- --seed ${broken[0].seed}${again()}\n`);
  }
  process.exitCode = broken.length === 0 ? 0 : 1;
}

/** The flags that make the same story of a seed. */
function again(): string {
  const isUsual = flags.days === 7;
  return `${machines === 0 ? '' : ` --machines ${machines}`}${isUsual ? '' : ` --days ${days}`}${density === 1 ? '' : ` --density ${density}`}${without === null ? '' : ` --without "${without}"`}${races ? ' --races' : ''}${logins ? ' --logins' : ''}`;
}

/** One story, and where it fails the shortest one that fails alike, step by step. */
async function replay(seed: number): Promise<void> {
  const { told, all } = await storyOf(common).replay(seed);
  const { violation, incidents, trace } = told;
  if (flags.json) process.stdout.write(`${JSON.stringify({ seed, violation, incidents, trace })}\n`);
  else {
    process.stdout.write(`${trace.join('\n')}\n\n`);
    process.stdout.write(
      violation === null ? `seed ${seed}: no promise was broken\n` : `seed ${seed}: ${violation.invariant}: ${violation.message}\n`,
    );
    if (violation !== null) process.stdout.write(`${incidents.length} of ${all} incidents are needed for it\n`);
  }
  process.exitCode = violation === null ? 0 : 1;
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('A whole number from 1 on is meant.');
  return value;
}

function count(text: string): number {
  return text === '0' ? 0 : whole(text);
}

function above0(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) throw new InvalidArgumentError('A number above 0 is meant.');
  return value;
}
