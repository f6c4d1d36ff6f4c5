import { houseOf } from './fence.ts';
import { importsIn, roomOf } from './imports.ts';
import { ROOMS } from './rooms.ts';

type Arrow = readonly [from: string, to: string];

/** Every import between two rooms, once. */
export function arrowsIn(sources: ReadonlyMap<string, string>): readonly Arrow[] {
  const seen = new Map<string, Arrow>();
  for (const [file, code] of sources) {
    for (const { isFile, names } of importsIn(file, code)) {
      const arrow: Arrow = [roomOf(file), roomOf(names ?? '')];
      if (isFile && arrow[0] !== arrow[1]) seen.set(arrow.join(' '), arrow);
    }
  }
  return [...seen.values()];
}

/** docs/map.md: the houses, then the rooms of each, drawn from the imports that there are. */
export function mapPage(sources: ReadonlyMap<string, string>): string {
  const arrows = arrowsIn(sources);
  const houses = unique(ROOMS.map(({ room }) => houseOf(room)));
  const top = unique(houses.map(quarterOf));
  const between = arrows.map(([from, to]): Arrow => [quarterOf(from), quarterOf(to)]);
  const adapters = houses.filter((house) => quarterOf(house) === 'adapters').map((house) => house.slice('adapters/'.length));
  const saidOf = (quarter: string): string => (quarter === 'adapters' ? `adapters:<br>${adapters.join(', ')}` : quarter);
  const charts = houses.flatMap((house) => {
    const rooms = ROOMS.map(({ room }) => room).filter(
      (room) => houseOf(room) === house && [...sources.keys()].some((file) => roomOf(file) === room),
    );
    const own = arrows.filter(([from, to]) => houseOf(from) === house && houseOf(to) === house);
    return rooms.length < 3
      ? []
      : [`## src/${house}\n\n${chart(rooms, own, (room) => (room === house ? `${house}/*` : room.slice(house.length + 1)))}`];
  });
  return `${HEAD}${chart(top, between, saidOf)}\n${charts.join('\n')}`;
}

const HEAD = `# The rooms and their arrows

Written by \`npm run map\` from the imports that there are. An arrow goes from the one that imports to the one that is imported; all of them
point down. One that follows from two others is left out. What each room is stands in [AGENTS.md](../AGENTS.md#where-things-are).

## The houses

`;

/** The first part of a room's name: the adapters are drawn as one. */
const quarterOf = (room: string): string => room.split('/')[0] ?? room;

/** A Mermaid drawing, one box a room, in the order of the table. */
function chart(rooms: readonly string[], arrows: readonly Arrow[], said: (room: string) => string): string {
  const id = (room: string): string => `r${rooms.indexOf(room)}`;
  const boxes = rooms.map((room) => `  ${id(room)}["${said(room)}"]`);
  const lines = unique(needed(arrows.filter(([from, to]) => from !== to)).map(([from, to]) => `  ${id(from)} --> ${id(to)}`));
  return ['```mermaid', 'flowchart TD', ...boxes, ...[...lines].sort(), '```', ''].join('\n');
}

/** The arrows without those that a longer way says, too. A room that reaches itself is left to the test that refuses circles. */
function needed(arrows: readonly Arrow[]): readonly Arrow[] {
  const next = new Map<string, Set<string>>();
  for (const [from, to] of arrows) next.set(from, (next.get(from) ?? new Set()).add(to));
  const known = new Map<string, ReadonlySet<string>>();
  /** All that is below a room. */
  const reach = (from: string): ReadonlySet<string> => {
    const found = known.get(from);
    if (found !== undefined) return found;
    const all = new Set(next.get(from));
    known.set(from, all);
    for (const one of next.get(from) ?? []) for (const further of reach(one)) all.add(further);
    return all;
  };
  return arrows.filter(([from, to]) => ![...(next.get(from) ?? [])].some((one) => one !== to && reach(one).has(to)));
}

const unique = (names: readonly string[]): readonly string[] => [...new Set(names)];
