/** Milliseconds since the Unix epoch. */
export type Ms = number;

/** What a probe answered: a value and when it was true, or that nobody knows and why. Unknown is never "absent". */
export type Seen<T> = Known<T> | Unknown;

export interface Known<T> {
  readonly known: true;
  readonly value: T;
  /** When the value was read. */
  readonly at: Ms;
}

export interface Unknown {
  readonly known: false;
  /** The failed probe's own words. */
  readonly because: string;
  /** Since when nobody knows. */
  readonly since: Ms;
}

export const known = <T>(value: T, at: Ms): Known<T> => ({ known: true, value, at });
export const unknown = (because: string, since: Ms): Unknown => ({ known: false, because, since });
