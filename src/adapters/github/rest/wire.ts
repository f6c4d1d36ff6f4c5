/** A request ready to go: absolute URL, body as a value. Made by `octokit.request.endpoint(route, parameters)`. */
export interface Outgoing {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  /** Who asks, where it is not tac8 for its own work. */
  readonly by?: string;
}

/** Whatever the server said, good or bad. Header names are lower case. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly data: unknown;
}

export interface Page<T> {
  readonly value: T;
  /** The next page's URL as the server gave it, or null on the last. */
  readonly next: string | null;
  /** The page before it, and the last one; left out: there is none, it was not told, or the page was kept by an earlier start. */
  readonly before?: string;
  readonly last?: string;
}
