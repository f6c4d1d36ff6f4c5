import type { Change } from '../../api/events.ts';
import type { TaskRow } from '../../api/row.ts';
import type { State } from '../../api/state.ts';
import { eventBytes } from './sse.ts';

/** One event as it goes out: the same bytes for everybody. */
export interface Sent {
  readonly id: string;
  readonly bytes: Buffer;
}

export interface Hub {
  /** Looks whether anything changed; answers the event that tells it, if so. */
  look(): Sent | null;
  /** What somebody needs who last saw that event: the changes since, or all of it. */
  since(id: string | null): readonly Sent[];
}

/** Changes that are kept for those who come back. */
const KEPT = 500;
const KEPT_BYTES = 4_000_000;

/** What of the head is other at each look, though nothing happened. */
const RUNNING: ReadonlySet<string> = new Set(['at', 'age_ms', 'tasks']);

/** `name`: of this daemon's stream; ids of another one's mean nothing here. */
export function createHub(read: () => State, name: string): Hub {
  let last = textsOf(read());
  let n = 0;
  const kept: Sent[] = [];
  let bytes = 0;
  const keep = (event: Sent): void => {
    kept.push(event);
    bytes += event.bytes.length;
    while (kept.length > KEPT || bytes > KEPT_BYTES) bytes -= kept.shift()?.bytes.length ?? bytes;
  };
  const look = (): Sent | null => {
    const now = textsOf(read());
    const change = changeBetween(last, now);
    last = now;
    if (change === null) return null;
    n += 1;
    const event = sent(`${name}-${n}`, 'change', change);
    keep(event);
    return event;
  };
  return {
    look,
    since: (id) => {
      const at = id === null ? -1 : kept.findIndex((event) => event.id === id);
      if (at >= 0) return kept.slice(at + 1);
      // The newest is what `last` is: the first change that this one sees comes after it.
      return id === `${name}-${n}` ? [] : [sent(`${name}-${n}`, 'state', last.state)];
    },
  };
}

interface Texts {
  readonly state: State;
  readonly head: ReadonlyMap<string, string>;
  readonly rows: ReadonlyMap<string, string>;
  readonly order: string;
}

function textsOf(state: State): Texts {
  const head = Object.entries(state).flatMap(([key, value]): [string, string][] =>
    RUNNING.has(key) ? [] : [[key, JSON.stringify(value)]],
  );
  return {
    state,
    head: new Map(head),
    rows: new Map(state.tasks.map((row) => [row.id, JSON.stringify(row)])),
    order: state.tasks.map(({ id }) => id).join(' '),
  };
}

/** Null: it is the same. */
function changeBetween(before: Texts, { state, head, rows, order }: Texts): Change | null {
  const others = [...head].filter(([key, text]) => before.head.get(key) !== text).map(([key]) => [key, state[key as keyof State]]);
  const changed: readonly TaskRow[] = state.tasks.filter(({ id }) => before.rows.get(id) !== rows.get(id));
  const isMoved = before.order !== order;
  if (others.length === 0 && changed.length === 0 && !isMoved) return null;
  const { at, age_ms } = state;
  return {
    head: { at, age_ms, ...Object.fromEntries(others) },
    rows: changed,
    ...(isMoved ? { order: state.tasks.map(({ id }) => id) } : {}),
  };
}

const sent = (id: string, event: string, data: unknown): Sent => ({ id, bytes: eventBytes(id, event, data) });
