import { cpus, release, totalmem } from 'node:os';
import { inMs } from './measure.ts';
import type { Figure } from './row.ts';
import type { Yardsticks } from './yardsticks.ts';

/** What was measured, the same figure of the version before beside each. */
export interface Measured {
  readonly now: Figure;
  readonly before: Figure | null;
}

export interface Results {
  readonly date: Date;
  /** The revision that `before` is. */
  readonly revision: string | null;
  readonly yardsticks: Yardsticks;
  readonly figures: readonly Measured[];
}

/** Null where it cannot be told: the version before was not measured. */
export function holds({ now, before }: Measured): boolean | null {
  const { bound, value, yardstick } = now;
  switch (bound?.kind) {
    case undefined:
      return null;
    case 'met':
      return bound.holds;
    case 'value':
      return value <= bound.most;
    case 'ratio':
      return yardstick !== undefined && value <= bound.most * yardstick.value;
    case 'faster':
      return yardstick !== undefined && value * bound.least <= yardstick.value;
    case 'before':
      return before === null ? null : value <= bound.most * before.value;
  }
}

/** Machine, yardsticks, the bounds, and the same beside the version before; Markdown. */
export function reportOf({ date, revision, yardsticks, figures }: Results): string {
  return `# Benchmarks

Written by \`npm run bench\`: tac8 as it is built, measured as a program beside what the same machine takes for things that have nothing to do
with tac8. Bounds are ratios or counts: machines differ by twice from day to day.

Machine: ${machine()}. Date: ${date.toISOString().slice(0, 10)}.

## Yardsticks

${table(
  ['what', 'measured'],
  [
    ['`node -e 0`, CPU', inMs(yardsticks.node)],
    ['`JSON.parse` of every line of 50 MB of logs, CPU', inMs(yardsticks.parse)],
    ['460 kB written durably: temp file, fsync, rename', inMs(yardsticks.durable)],
    ['`git status` in 50,000 files, CPU', inMs(yardsticks.status)],
  ],
)}
## Bounds

${table(
  ['what', 'tac8', 'beside it', 'ratio', 'bound', 'holds', 'how measured'],
  figures.map((measured) => {
    const { now } = measured;
    return [now.name, shown(now), rival(now), ratio(now), boundText(now), heldText(holds(measured)), now.how];
  }),
)}
## Beside the version before${revision === null ? '' : ` (${revision})`}

${revision === null ? 'Not measured.\n' : versus(figures)}`;
}

function versus(figures: readonly Measured[]): string {
  return table(
    ['what', 'before', 'now', 'now ÷ before', 'its bound before'],
    figures.map(({ now, before }) => [
      now.name,
      before === null ? 'could not be measured' : shown(before),
      shown(now),
      before === null || before.value === 0 ? '–' : (now.value / before.value).toFixed(2),
      before === null ? '–' : heldText(holds({ now: before, before: null })),
    ]),
  );
}

const heldText = (held: boolean | null): string => (held === null ? '–' : held ? 'yes' : '**no**');
const shown = ({ shown: text, value, unit }: Figure): string => text ?? `${number(value)} ${unit}`;
const number = (value: number): string => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2));
const rival = ({ yardstick, unit }: Figure): string =>
  yardstick === undefined ? '–' : `${yardstick.what}: ${number(yardstick.value)} ${unit}`;
const ratio = ({ yardstick, value }: Figure): string => (yardstick === undefined ? '–' : (value / yardstick.value).toFixed(2));

function boundText({ bound, unit, yardstick }: Figure): string {
  switch (bound?.kind) {
    case undefined:
      return '–';
    case 'met':
      return bound.text;
    case 'value':
      return `≤ ${bound.most.toLocaleString('en')} ${unit}`;
    case 'ratio':
      return `≤ ${bound.most} ×`;
    case 'faster':
      return `${bound.least} × as fast as ${yardstick?.what}`;
    case 'before':
      return `≤ ${bound.most} × the version before`;
  }
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

function machine(): string {
  const [cpu] = cpus();
  return `${cpus().length} × ${cpu?.model.trim() ?? 'processor'}, ${Math.round(totalmem() / 1024 ** 3)} GiB, Linux ${release()}, Node ${process.versions.node}`;
}
