import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../adapters/machine/clock.ts';
import { aheadOfPostgres } from '../../adapters/machines/clocks.ts';
import { type Copy, rowsOfCopy } from '../../adapters/machines/copy/copy.ts';
import type { Database } from '../../adapters/machines/database.ts';
import type { Lead } from '../../adapters/machines/lead.ts';
import { openStore } from '../../adapters/store/sqlite/open-store.ts';
import { rebuild, TABLE_NAMES, TABLES_VERSION } from '../../adapters/store/sqlite/rows.ts';
import { DamagedError } from '../../adapters/store/sqlite/sqlite-error.ts';
import type { Ms } from '../../core/model/seen.ts';
import { PortError } from '../../engine/ports/error.ts';
import type { Facts } from '../../engine/ports/records/facts.ts';
import type { Store } from '../../engine/ports/records/store.ts';
import { keepBoard } from '../../engine/tell/board-keeper.ts';
import { moveAlong } from '../../engine/watch/clock-watch.ts';
import { readPlainSync } from '../../files/open-plain.ts';
import { writeWholeSync } from '../../files/write-whole.ts';
import type { Place } from '../../place/place.ts';

/** Where a coordinator's own state is. */
export type Here = Pick<Place, 'database' | 'state' | 'board'>;

/** Of the machine that it was written on, not of the work. */
const OF_ONE_MACHINE: readonly string[] = [
  ...(['copy', 'daemon', 'usage', 'trouble', 'damage', 'slow', 'main-checkout', 'remote'] satisfies (keyof Facts)[]),
];
const isOfTheWork = (body: string): boolean => !OF_ONE_MACHINE.includes((JSON.parse(body) as { readonly name: string }).name);
const RENEW_EVERY_MS = 5_000;

/** Whether another coordinator has worked on since this one last wrote the copy: then what is here is not how things stand. */
export function isBehind({ database }: Pick<Here, 'database'>, copy: Copy | null): boolean {
  const own = ownFact(database);
  return copy !== null && (own === null || BigInt(own.generation) < BigInt(copy.generation));
}

/** Throws where the copy cannot be gone on with here. */
export function refuseCopy(copy: Copy, repository: string | null, schema: string): void {
  if (copy.repository !== null && repository !== null && copy.repository !== repository)
    throw new PortError('terminal', `the schema ${schema} is the one of ${copy.repository}, and this is a clone of ${repository}`, {
      hint: 'Each repository has a schema of its own (machines.schema).',
    });
  if (copy.version > TABLES_VERSION)
    throw new PortError('terminal', `the coordinator ${copy.words} is a newer tac8, whose state this one cannot read`, {
      hint: 'Install that version here as well.',
    });
  if (!copy.isWhole)
    throw new PortError('terminal', `the state of the coordinator ${copy.words} had not come to Postgres whole when it was heard last`, {
      hint: 'Start it once more, where it was.',
    });
}

/** Goes on with what another coordinator left: its store in place of the one here, and its board. Answers in words what was kept of what was here. */
export async function takeOver(here: Here, database: Database, lead: Pick<Lead, 'generation' | 'renew'>, copy: Copy): Promise<string> {
  const renewing = setInterval(() => void lead.renew().catch(() => undefined), RENEW_EVERY_MS);
  const making = rebuild(here.database);
  try {
    for (const table of TABLE_NAMES)
      for await (const rows of rowsOfCopy(database, table))
        making.put(table === 'facts' ? rows.filter(({ body }) => isOfTheWork(body)) : rows);
    const by = await apart(database, copy);
    const remote = ownRemote(here.database);
    const aside = making.done();
    const store = openStore(here, 'write');
    try {
      const board = putBoard(here, store);
      if (by !== 0) moveAlong(store, systemClock, by);
      // Last: whoever dies before begins anew with the copy.
      store.commit({
        facts: {
          ...(remote === null ? {} : { remote }),
          copy: { generation: lead.generation, inherited: true } satisfies Facts['copy'],
        },
        history: [
          { at: Date.now(), task: null, run: null, event: 'took-over', detail: `goes on with the work of the coordinator ${copy.words}` },
        ],
      });
      const kept = [aside, board].filter((one) => one !== null);
      return kept.length === 0 ? '' : `; what was here is kept as ${kept.join(' and ')}`;
    } finally {
      store.close();
    }
  } finally {
    clearInterval(renewing);
    making.abandon();
  }
}

/** By how much the clock here is ahead of the one that the copy was written by; less than half a second is nothing, and so is what nobody knows. */
async function apart(database: Database, { ahead }: Copy): Promise<Ms> {
  const here = await aheadOfPostgres(database, systemClock.now);
  const by = here === null || ahead === null ? 0 : Math.round(here - ahead);
  return Math.abs(by) < 500 ? 0 : by;
}

/** From now on what is here is how things stand. */
export function keepOwn(store: Pick<Store, 'fact' | 'commit'>, { generation }: Pick<Lead, 'generation'>): void {
  const inherited = store.fact('copy')?.inherited ?? false;
  store.commit({ facts: { copy: { generation, inherited } satisfies Facts['copy'] } });
}

/** The board as the other coordinator last knew it. What stood here is kept as the file that is answered; null: nothing else stood here. */
function putBoard({ board, state }: Here, store: Pick<Store, 'fact' | 'commit'>): string | null {
  const { text } = keepBoard(store).read();
  if (text === null) return null;
  const before = boardHere(board);
  if (before === text) return null;
  let kept: string | null = null;
  if (before.trim() !== '') {
    let n = 1;
    while (existsSync(join(state, `tasks.md.before-${n}`))) n += 1;
    kept = join(state, `tasks.md.before-${n}`);
    writeWholeSync(kept, before);
  }
  writeWholeSync(board, text);
  return kept;
}

const LARGEST_BOARD = 64 * 1024 * 1024;

/** What is no file, or none that is a board, is not kept. */
function boardHere(path: string): string {
  try {
    return readPlainSync(path, LARGEST_BOARD);
  } catch {
    return '';
  }
}

const ownFact = (path: string): Facts['copy'] | null => fromOwn(path, (store) => store.fact('copy'));
const ownRemote = (path: string): Facts['remote'] | null => fromOwn(path, (store) => store.fact('remote'));

/** Of the store that is here; null: there is none, or it is damaged. */
function fromOwn<T>(path: string, read: (store: Store) => T | null): T | null {
  if (!existsSync(path)) return null;
  try {
    const store = openStore({ database: path }, 'write');
    try {
      return read(store);
    } finally {
      store.close();
    }
  } catch (error) {
    if (error instanceof DamagedError) return null;
    throw error;
  }
}
