import { createHash } from 'node:crypto';
import type { Change, Copy, CopyTable } from '../../adapters/machines/copy/copy.ts';
import type { Lead } from '../../adapters/machines/lead.ts';
import { GROWING, type RowName, type Rows, type StoredRow, TABLE_NAMES, TABLES_VERSION } from '../../adapters/store/sqlite/rows.ts';
import type { Commit } from '../../core/model/records.ts';
import type { Clock } from '../../engine/ports/machine/clock.ts';
import type { Store } from '../../engine/ports/records/store.ts';

/*
 * Everything that the coordinator writes into its store goes to Postgres as well, before anything that follows from it is done outside: another
 * coordinator goes on from there, and does nothing twice.
 */

export interface Shipping {
  /** The store, with what is written into it noted. */
  noting(store: Store): Store;
  /** Waits until Postgres has all that was written until now, by the lead that this coordinator has. Throws what a lead's `check` throws. */
  shipped(): Promise<void>;
  /** Sends what is left, if it can be sent soon. */
  close(): Promise<void>;
}

export interface ShippingParts {
  readonly table: CopyTable;
  readonly lead: Lead;
  readonly clock: Pick<Clock, 'now' | 'steady' | 'at'>;
  /** Opens the store's rows, once it is there. */
  readonly openRows: () => Rows;
  readonly of: Pick<Copy, 'repository' | 'words'>;
}

/** What nothing waits for is sent this much later, together. */
const LATER_MS = 100;
const AGAIN_MS = 2_000;
/** Bytes that are sent at once. */
const AT_ONCE = 16 * 1024 * 1024;
const CLOSING_MS = 3_000;
const MEASURE_EVERY_MS = 30_000;

export function shipChanges({ table: there, lead, clock: time, openRows, of }: ShippingParts): Shipping {
  const copy = { ...of, generation: lead.generation, version: TABLES_VERSION };
  /** Where this machine's clock stands to the one of Postgres: whoever goes on may have another time. */
  const clock = { ahead: null as number | null, measuredAt: Number.NEGATIVE_INFINITY };
  const touched = new Map<string, RowName>();
  const last: Record<(typeof GROWING)[number], string> = { history: '', requests: '' };
  let rows: Rows | null = null;
  /** What the copy has is not known yet. */
  let isFirst = true;
  let isDirty = true;
  let isPruned = false;
  let going: Promise<void> | null = null;
  let timer: (() => void) | null = null;

  const touch = (table: RowName['table'], keys: Iterable<string>): void => {
    for (const key of keys) touched.set(`${table} ${key}`, { table, key });
  };
  function note({ tasks = [], runs = [], facts = {}, counters = {}, resetCounters = [], answers = [] }: Commit): void {
    touch(
      'tasks',
      tasks.map(({ next }) => next.id),
    );
    touch(
      'runs',
      runs.map(({ next }) => next.id),
    );
    touch('facts', Object.keys(facts));
    touch('counters', [...Object.keys(counters), ...resetCounters]);
    touch(
      'requests',
      answers.map(({ id }) => String(id).padStart(16, '0')),
    );
  }
  function written(): void {
    isDirty = true;
    later(LATER_MS);
  }
  function later(ms: number): void {
    if (timer !== null) return;
    timer = time.at(time.now() + ms, () => {
      timer = null;
      void shipped().catch(() => later(AGAIN_MS));
    });
  }

  async function send(change: Change): Promise<void> {
    if (await there.write({ ...copy, ahead: clock.ahead }, change)) return;
    // Another one has it: this says so, and throws.
    await lead.check();
    throw new Error('the lead is held, and its copy is not written');
  }

  /** What differs from the copy that is there, which may be of long ago. */
  async function shipDifference(from: Rows): Promise<void> {
    const known = new Map<RowName['table'], Map<string, string>>();
    for (const table of TABLE_NAMES.filter((one) => one !== 'history'))
      known.set(table, new Map((await there.sums(table)).map(({ key, sum }) => [key, sum])));
    // What is there of the history stays as it is, and there may be very much of it.
    const lastThere = await there.last('history');
    // From here to the end of reading nothing is awaited: it is read as of one moment.
    touched.clear();
    isDirty = false;
    const put: StoredRow[] = [...from.after('history', lastThere)];
    const gone: RowName[] = [];
    last.history = lastKey(put, 'history', lastThere);
    for (const [table, sums] of known) {
      for (const row of from.all(table)) {
        if (sums.get(row.key) !== sumOf(row.body)) put.push(row);
        sums.delete(row.key);
        if (table === 'requests' && row.key > last.requests) last.requests = row.key;
      }
      for (const key of sums.keys()) gone.push({ table, key });
    }
    const before = [{ table: 'history', key: from.first('history') ?? NONE_LEFT }];
    const parts = inParts(put);
    for (const [n, part] of parts.entries())
      await send({ put: part, gone: n === 0 ? gone : [], before: n === 0 ? before : [], isWhole: n === parts.length - 1 });
    isFirst = false;
  }

  async function shipTouched(from: Rows): Promise<void> {
    const names = [...touched.values()];
    const wasPruned = isPruned;
    touched.clear();
    isDirty = false;
    isPruned = false;
    try {
      const found = from.read(names);
      const here = new Set(found.map(({ table, key }) => `${table} ${key}`));
      const news = GROWING.flatMap((table) => [...from.after(table, last[table])]);
      const before = wasPruned ? GROWING.map((table) => ({ table, key: from.first(table) ?? NONE_LEFT })) : [];
      const put = [...new Map([...found, ...news].map((row) => [`${row.table} ${row.key}`, row])).values()];
      await send({ put, gone: names.filter(({ table, key }) => !here.has(`${table} ${key}`)), before, isWhole: true });
      for (const table of GROWING) last[table] = lastKey(news, table, last[table]);
    } catch (error) {
      for (const { table, key } of names) touch(table, [key]);
      isPruned ||= wasPruned;
      throw error;
    }
  }

  async function ship(): Promise<void> {
    rows ??= openRows();
    if (time.steady() - clock.measuredAt > MEASURE_EVERY_MS) {
      clock.ahead = (await there.ahead(time.now)) ?? clock.ahead;
      clock.measuredAt = time.steady();
    }
    try {
      await (isFirst ? shipDifference(rows) : shipTouched(rows));
    } catch (error) {
      isDirty = true;
      throw error;
    }
  }

  /** Waits for what is under way, which may have begun before the last write; then for one that has not. */
  async function shipped(): Promise<void> {
    await going?.catch(() => undefined);
    if (going === null && !isDirty) return lead.check();
    going ??= ship().finally(() => {
      going = null;
    });
    await going;
  }

  return {
    noting: (store) => ({
      ...store,
      commit(commit) {
        store.commit(commit);
        note(commit);
        written();
      },
      ask(request) {
        const id = store.ask(request);
        written();
        return id;
      },
      prune(before) {
        const count = store.prune(before);
        if (count > 0) {
          isPruned = true;
          written();
        }
        return count;
      },
    }),
    shipped,
    async close() {
      timer?.();
      const enough = new Promise<void>((resolve) => setTimeout(resolve, CLOSING_MS).unref());
      if (isDirty || going !== null) await Promise.race([shipped().catch(() => undefined), enough]);
      timer?.();
      rows?.close();
    },
  };
}

/** Higher than any key. */
const NONE_LEFT = '~';

const sumOf = (body: string): string => createHash('md5').update(body).digest('hex');

const lastKey = (rows: readonly StoredRow[], table: RowName['table'], before: string): string =>
  rows.reduce((highest, row) => (row.table === table && row.key > highest ? row.key : highest), before);

/** At least one, so that an empty difference is said as well. */
function inParts(rows: readonly StoredRow[]): readonly (readonly StoredRow[])[] {
  const parts: StoredRow[][] = [[]];
  let size = 0;
  for (const row of rows) {
    if (size > AT_ONCE) {
      parts.push([]);
      size = 0;
    }
    parts.at(-1)?.push(row);
    size += row.body.length;
  }
  return parts;
}
