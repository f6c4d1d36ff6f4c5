import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** One request as it was met, one line of `journal.jsonl`. Written when its fate is known. */
export interface JournalEntry {
  readonly seq: number;
  /** ISO 8601 with milliseconds. */
  readonly at: string;
  readonly kind: 'api' | 'git' | 'page' | 'control';
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly user: string | null;
  /** What the caller got to see; null when it saw no answer (hang, cut connection). */
  readonly status: number | null;
  /** What the server did, whatever the caller saw: its own status before the fault. Null: it never got to the handler. */
  readonly applied: number | null;
  /** The kind of fault that met it. */
  readonly fault: string | null;
  /** Whole body of a write. */
  readonly request?: unknown;
  /** `12 items`, `#7 Title`, an error's message. */
  readonly summary?: string;
  /** A push: what it asked for, and whether git did it. */
  readonly pushes?: readonly { readonly ref: string; readonly from: string; readonly to: string; readonly done: boolean }[];
}

export interface Journal {
  add(entry: Omit<JournalEntry, 'seq'>): void;
  /** In order of arrival of their ends; `since`: only those after that number. */
  entries(since?: number): readonly JournalEntry[];
  /** The first entry that fits, already there or still to come. Rejects after `ms`, and when the server is closed. */
  waitFor(fits: (entry: JournalEntry) => boolean, ms?: number): Promise<JournalEntry>;
  close(): void;
}

interface Waiter {
  readonly fits: (entry: JournalEntry) => boolean;
  readonly settle: (found: JournalEntry | Error) => void;
}

/** Opens or goes on with the journal in `file`. */
export function openJournal(file: string): Journal {
  mkdirSync(dirname(file), { recursive: true });
  const entries: JournalEntry[] = existsSync(file) ? readEntries(file) : [];
  const waiters = new Set<Waiter>();
  return {
    add(entry) {
      const full: JournalEntry = { seq: (entries.at(-1)?.seq ?? 0) + 1, ...entry };
      entries.push(full);
      appendFileSync(file, `${JSON.stringify(full)}\n`);
      for (const waiter of [...waiters]) if (waiter.fits(full)) waiter.settle(full);
    },
    entries: (since = 0) => entries.filter((entry) => entry.seq > since),
    waitFor(fits, ms = 10_000) {
      const known = entries.find(fits);
      if (known !== undefined) return Promise.resolve(known);
      return new Promise((resolve, reject) => {
        const settle = (found: JournalEntry | Error): void => {
          clearTimeout(timer);
          waiters.delete(waiter);
          if (found instanceof Error) reject(found);
          else resolve(found);
        };
        const waiter: Waiter = { fits, settle };
        const timer = setTimeout(() => settle(new Error(`no such request within ${ms} ms`)), ms);
        waiters.add(waiter);
      });
    },
    close() {
      for (const waiter of [...waiters]) waiter.settle(new Error('the fake GitHub was closed while somebody waited for a request'));
    },
  };
}

/** A crash may have cut the last line: it is left out. */
function readEntries(file: string): JournalEntry[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  const whole = lines.slice(0, -1);
  if (lines.at(-1) !== '') appendFileSync(file, '\n');
  return whole.flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as JournalEntry];
    } catch {
      return [];
    }
  });
}
