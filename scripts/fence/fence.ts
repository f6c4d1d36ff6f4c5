import { isBuiltin } from 'node:module';
import { importsIn, roomOf } from './imports.ts';
import type { Room } from './room.ts';
import { ROOMS } from './rooms.ts';

export interface Refusal {
  readonly file: string;
  readonly line: number;
  readonly said: string;
}

/** The first part of a room's name, of an adapter's the first two: the house that it belongs to. */
export function houseOf(room: string): string {
  return room
    .split('/')
    .slice(0, room.startsWith('adapters/') ? 2 : 1)
    .join('/');
}

/** The rooms whose files a room's files may import, its own left out. */
export function mayImport(room: string): readonly string[] {
  const given = rowsFor(room).flatMap(({ may = [] }) => may.flatMap((one) => (one.endsWith('/') ? within(one.slice(0, -1)) : [one])));
  return [...new Set([...below(room), ...given])].filter((one) => one !== room);
}

/** The libraries that a room's files may import. */
export function mayUse(room: string): readonly string[] {
  return [...new Set(rowsFor(room).flatMap(({ libraries = [] }) => libraries))].sort();
}

/** Rooms of one house that neither import each other share a floor; the ground has the highest number. */
export function floorOf(room: string): number {
  return ROOMS.slice(0, ROOMS.findIndex((row) => row.room === room) + 1).filter(({ beside }) => beside === undefined).length;
}

function below(room: string): readonly string[] {
  return within(houseOf(room)).filter((one) => floorOf(one) > floorOf(room));
}

function within(house: string): readonly string[] {
  return ROOMS.map((row) => row.room).filter((one) => one === house || one.startsWith(`${house}/`));
}

/** Its own row and those of the folders around it. */
function rowsFor(room: string): readonly Room[] {
  return ROOMS.filter((row) => room === row.room || room.startsWith(`${row.room}/`));
}

/** What stands in `file` (a path below src/) and its row does not allow, each with its line. */
export function refusals(file: string, code: string): readonly Refusal[] {
  const room = roomOf(file);
  if (!ROOMS.some((row) => row.room === room)) return [{ file, line: 1, said: `${room}/ has no row` }];
  const rooms = new Set([room, ...mayImport(room)]);
  const libraries = mayUse(room);
  return importsIn(file, code).flatMap(({ line, names, isFile }) => {
    if (names === null) return [{ file, line, said: 'a computed import cannot be checked' }];
    const isAllowed = isFile ? rooms.has(roomOf(names)) : libraries.some((one) => names === one || names.startsWith(`${one}/`));
    return isAllowed ? [] : [{ file, line, said: `the row of ${room} does not have ${isFile ? roomOf(names) : names}` }];
  });
}

const BEGIN = '<!-- written by `npm run map` from scripts/fence/rooms/ -->\n';
const END = '<!-- end of what is written -->\n';

/** A page with what stands between its marks written anew. Throws where a mark is missing. */
export function between(page: string, written: string): string {
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END, from);
  if (from === -1 || to === -1) throw new Error(`the page lacks ${from === -1 ? BEGIN : END}`);
  return `${page.slice(0, from)}${BEGIN}${written}${page.slice(to)}`;
}

/** The table of AGENTS.md: a line per house, with its rooms from the top down. */
export function roomTable(): string {
  const houses = [...new Set(ROOMS.map(({ room }) => houseOf(room)))];
  return [
    '| folder | what, and its rooms from the top down | may import | libraries |',
    '| --- | --- | --- | --- |',
    ...houses.map(line),
    '',
  ].join('\n');
}

function line(house: string): string {
  const rows = ROOMS.filter(({ room }) => houseOf(room) === house);
  const own = rows.find(({ room }) => room === house);
  const rooms = rows.filter((row) => row !== own).map(({ room, what }) => `\`${room.slice(house.length + 1)}\` ${what}`);
  const other = (list: (row: Room) => readonly string[] | undefined): string => {
    const all = (own === undefined ? [] : list(own)) ?? [];
    const more = rows.filter((row) => row !== own).flatMap((row) => list(row) ?? []);
    return short([...new Set([...all, ...more])]);
  };
  const name = house === 'main.ts' ? 'src/main.ts' : `src/${house}/`;
  return `| \`${name}\` | ${[own?.what ?? '', ...rooms].join(' · ')} | ${other(({ may }) => may)} | ${other(({ libraries }) => libraries)} |`;
}

/** Modules of Node are left to the table itself. */
function short(names: readonly string[]): string {
  return names
    .filter((one) => !isBuiltin(one))
    .map((one) => one.replace(/\/$/, ''))
    .sort()
    .join(', ');
}
