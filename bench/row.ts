/** One thing, measured for one tac8. A bound is always on a ratio or a count: machines differ by twice from day to day. */
export interface Figure {
  /** Pairs it with the same figure of the version before; stable. */
  readonly name: string;
  readonly value: number;
  readonly unit: Unit;
  /** More than the value, where there is more to say, such as its spread. */
  readonly shown?: string;
  /** What it is divided by, in the same unit, measured in the same minute. */
  readonly yardstick?: { readonly what: string; readonly value: number };
  readonly bound?: Bound;
  readonly how: string;
}

export type Unit = 'ms' | 'MiB' | 'kB' | '% of a core' | 'calls' | '×' | 'events' | 'ticks';

export type Bound =
  /** The value divided by the yardstick. */
  | { readonly kind: 'ratio'; readonly most: number }
  /** The yardstick divided by the value. */
  | { readonly kind: 'faster'; readonly least: number }
  | { readonly kind: 'value'; readonly most: number }
  /** A condition that is looked at where it is measured. */
  | { readonly kind: 'met'; readonly text: string; readonly holds: boolean }
  /** The value divided by that of the version before, measured in the same run. */
  | { readonly kind: 'before'; readonly most: number };

/** What every row may need. */
export interface Bench {
  /** The command as npm installs it; it starts Node by itself. Nothing else of tac8 is known here. */
  readonly tac8: string;
  readonly node: string;
  /** An empty folder, removed afterwards. */
  readonly dir: string;
  /** A folder that all rows and both versions share, for inputs that are dear to make. */
  readonly shared: string;
  /** Nothing of this machine but PATH. */
  readonly env: Readonly<Record<string, string>>;
  /** How often each cheap thing is measured. */
  readonly rounds: number;
  readonly say: (text: string) => void;
}

export type Measurement = (bench: Bench) => Promise<readonly Figure[]>;
