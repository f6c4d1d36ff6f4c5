/** What goes wrong. Kinds marked (applied) do the work first: the caller must look before it repeats. */
export type FaultKind =
  /** Answers `status`; GitHub's usual body for it unless `body` is given. */
  | 'status'
  /** (applied) The same, though the work is done. */
  | 'status-after'
  /** 301 to the same by the repository's number, whatever the method: as after a rename. */
  | 'moved'
  /** 403, nothing left until the reset, `resetSeconds` from now (default 3600). */
  | 'primary-limit'
  /** 403 or 429 (`status`), with `retryAfterSeconds` or without. */
  | 'secondary-limit'
  /** Never answers; ends when the caller gives up, or the server closes. */
  | 'hang'
  /** (applied) Never answers. */
  | 'hang-answer'
  /** Closes the connection before doing anything. */
  | 'reset'
  /** (applied) Closes the connection without an answer. */
  | 'lost-answer'
  /** (applied) Sends half of the body, then closes the connection. */
  | 'cut-body'
  /** (applied) Half of the body as if it were all: well-formed HTTP, broken JSON. */
  | 'short-body'
  /** (applied) A page with half of its items while Link still names the next page. */
  | 'partial-page'
  /** (applied) Answers `ms` late. */
  | 'delay';

export interface FaultRequest {
  readonly match: { readonly method?: string; readonly path?: RegExp | string };
  readonly kind: FaultKind;
  /** How many requests it meets; default 1, null for all. */
  readonly times?: number | null;
  /** Lets this many matching requests through first. */
  readonly skip?: number;
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly retryAfterSeconds?: number;
  readonly resetSeconds?: number;
  readonly ms?: number;
}

export interface Fault extends FaultRequest {
  readonly id: number;
}

export interface Faults {
  add(fault: FaultRequest): { readonly id: number; remove(): void };
  /** Without an id: all of them. Requests that already hang go on hanging. */
  remove(id?: number): void;
  list(): readonly Fault[];
  /** The first fault that fits this request, used up by one. `path` is with its query. */
  take(method: string, path: string): Fault | null;
}

interface Armed {
  readonly fault: Fault;
  readonly path: RegExp | null;
  skip: number;
  left: number;
}

/** Faults live in memory only: a restarted server starts without any. */
export function createFaults(): Faults {
  let nextId = 1;
  let armed: Armed[] = [];
  const remove = (id?: number): void => {
    armed = id === undefined ? [] : armed.filter((one) => one.fault.id !== id);
  };
  return {
    add(request) {
      const fault: Fault = { id: nextId++, ...request };
      const { path } = request.match;
      armed.push({
        fault,
        path: path === undefined ? null : new RegExp(path),
        skip: request.skip ?? 0,
        left: request.times === undefined ? 1 : (request.times ?? Number.POSITIVE_INFINITY),
      });
      return { id: fault.id, remove: () => remove(fault.id) };
    },
    remove,
    list: () => armed.map((one) => one.fault),
    take(method, path) {
      for (const one of armed) {
        const wanted = one.fault.match.method;
        if (wanted !== undefined && wanted.toUpperCase() !== method) continue;
        if (one.path !== null && !one.path.test(path)) continue;
        if (one.skip > 0) {
          one.skip -= 1;
          continue;
        }
        one.left -= 1;
        if (one.left <= 0) remove(one.fault.id);
        return one.fault;
      }
      return null;
    },
  };
}
