import type { Prepare } from './prepare.ts';

/** A table of documents, and how it is read. */
export interface Source<T> {
  readonly table: 'tasks' | 'runs';
  /** The condition under which a document is an open one. */
  readonly isOpen: string;
  /** What `parse` needs of a row; `id` and `version` are among it. */
  readonly columns: string;
  readonly parse: (row: Readonly<Record<string, unknown>>) => T;
}

export interface Kept<T> {
  /** The open ones, oldest first. The same array until one of them is written. */
  open(): readonly T[];
  one(id: string): T | null;
  /** In the order asked for, those that are not there left out. */
  some(ids: readonly string[]): readonly T[];
  /** Those that a query names, in its order; it selects `id` and `version`. The same array until one of them is written. */
  chosen(query: string, values: readonly (string | number)[]): readonly T[];
  /** They are about to be written by this process. */
  touch(ids: Iterable<string>): void;
}

interface Entry<T> {
  readonly seq: number;
  readonly document: T;
}

interface Answer<T> {
  readonly generation: number;
  readonly documents: readonly T[];
}

/** So many changed documents are found in the list one by one. */
const FEW = 64;
/** Answers to so many different questions are kept, those that were asked last: a tick, the page and what follows pulls have a dozen. */
const QUESTIONS = 24;

/**
 * Documents, parsed once per version: the daemon asks for the same ones in every tick. Nothing is answered that a reading of the file would
 * not say: `dataVersion` changes with whatever another connection writes, and what this one writes is touched before.
 */
export function keepDocuments<T extends { readonly id: string; readonly version: number }>(
  prepare: Prepare,
  dataVersion: () => number,
  { table, isOpen, columns: wanted, ...source }: Source<T>,
): Kept<T> {
  const parse: Source<T>['parse'] = (row) => frozen(source.parse(row));
  const entries = new Map<string, Entry<T>>();
  const touched = new Set<string>();
  const answers = new Map<string, Answer<T>>();
  /** Those that are not open, as of this generation. */
  const others = new Map<string, T | null>();
  let generation = 0;
  let open: readonly T[] | null = null;
  let seen = Number.NaN;

  /** Takes in what was written since the last question. */
  function refresh(): void {
    const now = dataVersion();
    if (now === seen && touched.size === 0) return;
    generation += 1;
    others.clear();
    if (now === seen) readTouched();
    else readAll();
    seen = now;
    touched.clear();
  }

  function readAll(): void {
    const before = new Map(entries);
    const columns = before.size === 0 ? `seq, ${wanted}` : 'seq, id, version';
    const rows = prepare(`SELECT ${columns} FROM ${table} WHERE ${isOpen} ORDER BY seq`).all();
    entries.clear();
    open = null;
    for (const row of rows) {
      const [id, old] = [String(row.id), before.get(String(row.id))?.document];
      const found = old !== undefined && old.version === row.version ? old : before.size === 0 ? parse(row) : read(id);
      if (found !== null) entries.set(id, { seq: Number(row.seq), document: found });
    }
  }

  function readTouched(): void {
    let isSorted = true;
    /** As `open` is to be; null: it is to be made of all. */
    let list = open === null || touched.size > FEW ? null : [...open];
    for (const id of touched) {
      const before = entries.get(id);
      const row = prepare(`SELECT seq, ${wanted} FROM ${table} WHERE id = ? AND ${isOpen}`).get(id);
      if (row === undefined && before === undefined) continue;
      open = null;
      const at = list === null || before === undefined ? -1 : list.indexOf(before.document);
      if (row === undefined) {
        entries.delete(id);
        list?.splice(at, 1);
        continue;
      }
      // A Map keeps the place of what it has already.
      isSorted &&= before !== undefined;
      const document = parse(row);
      entries.set(id, { seq: Number(row.seq), document });
      if (before === undefined) list = null;
      else if (list !== null) list[at] = document;
    }
    if (isSorted) {
      open ??= list;
      return;
    }
    const sorted = [...entries].sort(([, a], [, b]) => a.seq - b.seq);
    entries.clear();
    for (const [id, entry] of sorted) entries.set(id, entry);
  }

  function read(id: string): T | null {
    const row = prepare(`SELECT ${wanted} FROM ${table} WHERE id = ?`).get(id);
    return row === undefined ? null : parse(row);
  }

  function find(id: string): T | null {
    const known = entries.get(id)?.document ?? others.get(id);
    if (known !== undefined) return known;
    const found = read(id);
    others.set(id, found);
    return found;
  }

  return {
    open() {
      refresh();
      open ??= Array.from(entries.values(), ({ document }) => document);
      return open;
    },
    one(id) {
      refresh();
      return find(id);
    },
    some(ids) {
      refresh();
      return ids.map(find).filter((found) => found !== null);
    },
    chosen(query, values) {
      refresh();
      const question = JSON.stringify([query, ...values]);
      const before = answers.get(question);
      if (before?.generation === generation) return before.documents;
      const old = new Map(before?.documents.map((one) => [one.id, one]));
      const found = prepare(query)
        .all(...values)
        .flatMap(({ id, version }) => {
          const known = old.get(String(id));
          const one = known !== undefined && known.version === version ? known : find(String(id));
          return one === null ? [] : [one];
        });
      const same = before?.documents.length === found.length && found.every((one, at) => one === before.documents[at]);
      const documents = same ? before.documents : found;
      // The last one to be asked stands last.
      answers.delete(question);
      answers.set(question, { generation, documents });
      for (const oldest of answers.keys()) {
        if (answers.size <= QUESTIONS) break;
        answers.delete(oldest);
      }
      return documents;
    },
    touch(ids) {
      for (const id of ids) touched.add(id);
    },
  };
}

/** Many hold the same document: nobody may change it. */
function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}
