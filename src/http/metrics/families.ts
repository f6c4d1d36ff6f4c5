/** One line of the page: a value, and what it is the value of. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Counts by upper bound, not added up (the last one: beyond all). */
export interface SpreadSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly sum: number;
}

/** All values of one name. */
export type Family =
  | { readonly type: 'gauge' | 'counter'; readonly name: string; readonly help: string; readonly samples: readonly Sample[] }
  | { readonly type: 'histogram'; readonly name: string; readonly help: string; readonly samples: readonly SpreadSample[] };

/** One value without labels; null (nobody knows it): none at all, since a made-up zero would be a lie. */
export const gauge = (name: string, help: string, value: number | null): Family => ({
  type: 'gauge',
  name,
  help,
  samples: value === null ? [] : [{ labels: {}, value }],
});

export const counter = (name: string, help: string, value: number | null): Family =>
  ({ ...gauge(name, help, value), type: 'counter' }) as Family;

/** A value for each entry of a record; the key is the label. */
export const byLabel = (
  type: 'gauge' | 'counter',
  name: string,
  help: string,
  label: string,
  values: Readonly<Record<string, number>>,
): Family => ({ type, name, help, samples: Object.entries(values).map(([key, value]) => ({ labels: { [label]: key }, value })) });
