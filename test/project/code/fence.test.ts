import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { expect, test } from 'vitest';
import { between, floorOf, houseOf, mayImport, mayUse, refusals, roomTable } from '../../../scripts/fence/fence.ts';
import { importsIn, readSources, roomOf } from '../../../scripts/fence/imports.ts';
import { arrowsIn, mapPage } from '../../../scripts/fence/map.ts';
import { ROOMS } from '../../../scripts/fence/rooms.ts';

const ROOT = join(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const sources = readSources(ROOT);
/** The rooms are those on disk and the packages those of package.json, so that a new one is noticed. */
const rooms = [...new Set([...sources.keys()].map(roomOf))].sort();
const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;
const packages = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
const libraries = [
  ...packages,
  ...builtinModules.filter((name) => !name.startsWith('_')).map((name) => `node:${name.replace(/^node:/, '')}`),
];
const MOST_FILES = 12;

/** How a file of `room` names a file of `other`. */
function specifier(room: string, other: string): string {
  const file = other.endsWith('.ts') ? other : `${other}/planted.ts`;
  const path = posix.relative(room.endsWith('.ts') ? '.' : room, file);
  return path.startsWith('.') ? path : `./${path}`;
}

/** A file of `room` with one import a line, and what of it is refused. */
function refused(room: string, names: readonly string[]): readonly string[] {
  const file = room.endsWith('.ts') ? room : `${room}/planted.ts`;
  const found = refusals(file, names.map((name) => `import '${name}';`).join('\n'));
  return found.map(({ line }) => names[line - 1] ?? '');
}

test('every folder with files has a row, and every row a folder', () => {
  const rows = ROOMS.map(({ room }) => room);
  expect(rows.filter((row, n) => rows.indexOf(row) !== n)).toEqual([]);
  expect(rooms.filter((room) => !rows.includes(room))).toEqual([]);
  const isHouse = (row: string): boolean => rows.some((room) => room.startsWith(`${row}/`));
  expect(rows.filter((row) => !rooms.includes(row) && !isHouse(row))).toEqual([]);
});

test('a folder without a row is refused whatever it imports', () => {
  expect(refusals('core/annex/planted.ts', '')).toEqual([{ file: 'core/annex/planted.ts', line: 1, said: 'core/annex/ has no row' }]);
});

test('every package that is allowed somewhere is there, and bundled: who installs tac8 installs none', () => {
  const used = new Set(rooms.flatMap((room) => mayUse(room)));
  expect(manifest).not.toHaveProperty('dependencies');
  expect([...used].filter((name) => !libraries.includes(name))).toEqual([]);
});

test.each(rooms)('%s is refused every room and library that its row does not have', (room) => {
  const others = rooms.filter((one) => one !== room);
  const allowed = mayImport(room);
  const wrong = others.filter((one) => !allowed.includes(one));
  expect(
    refused(
      room,
      others.map((one) => specifier(room, one)),
    ),
  ).toEqual(wrong.map((one) => specifier(room, one)));
  const isAllowed = (library: string): boolean => mayUse(room).some((one) => library === one || library.startsWith(`${one}/`));
  expect(refused(room, libraries)).toEqual(libraries.filter((one) => !isAllowed(one)));
  const outside = ['test/support/world/world.ts', 'bench/main.ts', 'scripts/long/simulate.ts'].map((file) => specifier(room, `../${file}`));
  expect(refused(room, outside)).toEqual(outside);
});

/** Not from the table: what must hold whatever it says. */
test.each([
  ['core/model', 'core/tick'],
  ['core/tick', 'core/start'],
  ['core/voices', 'core/settle'],
  ['core/board/text', 'core/board/show'],
  ['core', 'engine/ports'],
  ['core', 'agents/words'],
  ['core/words', 'zod'],
  ['core/words', 'node:crypto'],
  ['core', 'ink'],
  ['core', 'chaos'],
  ['core', 'place'],
  ['engine', 'adapters/store/sqlite'],
  ['engine/watch', 'transcript/read'],
  ['engine/perform/live', 'engine'],
  ['engine/ports', 'engine/watch'],
  ['engine', 'node:fs'],
  ['adapters/git', 'adapters/github/login'],
  ['adapters/store', 'adapters/process/proc'],
  ['adapters/git/trees', 'engine'],
  ['adapters/machine', 'config'],
  ['transcript/show', 'transcript/read'],
  ['transcript/read', 'engine/ports'],
  ['config', 'engine/ports'],
  ['agents/claude', 'agents/command'],
  ['agents/words', 'transcript/show'],
  ['http', 'cli/fleet'],
  ['http/metrics', 'forge-fake/state'],
  ['forge-fake/state', 'core/model'],
  ['forge-fake', 'adapters/github/rest'],
  ['cli/view', 'adapters/store/sqlite'],
  ['cli/begin', 'adapters/store/lock'],
  ['cli/keep', 'engine/perform'],
  ['cli/steer', 'adapters/store/sqlite'],
  ['cli/ground', 'cli/steer'],
  ['place', 'compose'],
  ['demo', 'adapters/process'],
  ['unit', 'commander'],
])('%s never imports %s', (room, other) => {
  expect(rooms).toContain(room);
  const name = rooms.includes(other) ? specifier(room, other) : other;
  expect(refused(room, [name])).toEqual([name]);
});

test.each([
  "import { x } from 'zod';",
  "import type { x } from 'zod';",
  "import {\n  x,\n} from 'zod';",
  "export { x } from 'zod';",
  "export * from 'zod';",
  "import 'zod';",
  "const x = () => import('zod');",
  "const x: import('zod').X = 1;",
  'const x = () => import(name);',
  "const x = require('zod');",
  "import { y } from './y.ts'; // one\n/* two */ const a = 'x'; const z = import('zod');",
])('an import is seen in: %s', (code) => {
  expect(refusals('core/model/planted.ts', code)).toHaveLength(1);
});

test.each([
  "// import 'zod'",
  "/* import 'zod' */",
  "const said = 'text from zod';",
  "import { x } from './x.ts';",
])('none is seen in: %s', (code) => {
  expect(refusals('core/model/planted.ts', code)).toEqual([]);
});

test('npm run lint looks at the whole of src, and fails by a single import', () => {
  expect(manifest.scripts?.lint).toContain('node scripts/check-fence.ts');
  const folder = mkdtempSync(join(tmpdir(), 'tac8-fence-'));
  try {
    const file = join(folder, 'src/core/model/planted.ts');
    mkdirSync(dirname(file), { recursive: true });
    const look = () => spawnSync(process.execPath, [join(ROOT, 'scripts/check-fence.ts'), folder], { encoding: 'utf8', timeout: 15_000 });
    writeFileSync(file, "import { x } from './task.ts';\n");
    expect(look()).toMatchObject({ status: 0, stderr: '' });
    writeFileSync(file, "\nimport { x } from '../tick/plan.ts';\n");
    expect(look()).toMatchObject({
      status: 1,
      stderr: 'src/core/model/planted.ts:2: the row of core/model does not have core/tick (scripts/fence/rooms/)\n',
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const arrows = arrowsIn(sources).map(([from, to]) => ({ from, to }));

test('no import runs back up: within a house by its floors, between houses by their order in the table', () => {
  const rank = (room: string): number => ROOMS.findIndex((row) => row.room === room);
  expect(arrows.length).toBeGreaterThan(200);
  const up = arrows.filter(({ from, to }) => (houseOf(from) === houseOf(to) ? floorOf(from) >= floorOf(to) : rank(from) > rank(to)));
  expect(up).toEqual([]);
});

test('no row allows what nothing in its rooms imports', () => {
  const imports = [...sources].flatMap(([file, code]) =>
    importsIn(file, code).map(({ isFile, names }) => ({ from: roomOf(file), to: isFile ? roomOf(names ?? '') : (names ?? '') })),
  );
  const idle = ROOMS.flatMap(({ room, may = [], libraries: used = [] }) => {
    const own = imports.filter(({ from }) => from === room || from.startsWith(`${room}/`));
    const isIdle = (name: string): boolean =>
      !own.some(({ to }) => `${to}/` === name || to === name || to.startsWith(name.replace(/\/?$/, '/')));
    // A room is named by itself, a house with a slash, a library with all that is in it.
    const rooms = may.filter((name) => (name.endsWith('/') ? isIdle(name) : !own.some(({ to }) => to === name)));
    return [...rooms, ...used.filter(isIdle)].map((name) => `${room}: ${name}`);
  });
  expect(idle).toEqual([]);
});

test(`no folder of src has more than ${MOST_FILES} files of its own`, () => {
  const full = rooms.map((room) => ({ room, files: [...sources.keys()].filter((file) => roomOf(file) === room).length }));
  expect(full.filter(({ files }) => files > MOST_FILES)).toEqual([]);
});

test.each(['bench', 'scripts', 'test/simulation', 'test/support', 'web/src'])('nor one of %s, tests apart', (house) => {
  const isCode = (name: string): boolean => /\.(?:tsx?|[cm]js)$/.test(name) && !/\.test\.tsx?$/.test(name);
  const files = readdirSync(join(ROOT, house), { withFileTypes: true, recursive: true }).filter(
    (entry) => entry.isFile() && isCode(entry.name),
  );
  const full = Object.groupBy(files, ({ parentPath }) => parentPath);
  expect(Object.keys(full).filter((room) => (full[room] ?? []).length > MOST_FILES)).toEqual([]);
});

test('AGENTS.md has the table as it is (else: npm run map)', () => {
  const page = read('AGENTS.md');
  expect(page).toBe(between(page, roomTable()));
});

test('docs/map.md draws the imports that there are (else: npm run map)', () => {
  expect(read('docs/map.md')).toBe(mapPage(sources));
});
