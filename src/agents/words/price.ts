/** Dollars for a million tokens; `cached` is the share of the input's price for what is read from the cache. */
export interface Price {
  readonly input: number;
  readonly output: number;
  readonly cached: number;
}
