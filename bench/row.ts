import type { Sample } from './measure.ts';

/** One line of docs/benchmarks.md: a thing that tac8 does, beside what one would use instead, measured in the same minute. */
export interface Row {
  readonly what: string;
  readonly tac8: string;
  readonly rival: string;
  /** tac8 divided by the rival; a dash where they cannot be divided. */
  readonly ratio: string;
  readonly bound: string;
  readonly holds: boolean;
  readonly how: string;
}

/** What every row may need. */
export interface Bench {
  /** Runs the built tac8: `[node, dist/main.js]`. */
  readonly tac8: readonly [string, string];
  /** The command as it is installed: starts Node with what the command at hand is best off with. */
  readonly installed: string;
  /** An empty folder, removed afterwards. */
  readonly dir: string;
  /** Nothing of this machine but PATH. */
  readonly env: Readonly<Record<string, string>>;
  /** How often each thing is measured. */
  readonly rounds: number;
}

export type Measurement = (bench: Bench) => Promise<readonly Row[]>;

export const inMs = ({ median, min, max }: Sample): string => `${median.toFixed(1)} ms (${min.toFixed(1)}–${max.toFixed(1)})`;
export const inMiB = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
export const quotient = (a: number, b: number): string => (a / b).toFixed(2);
