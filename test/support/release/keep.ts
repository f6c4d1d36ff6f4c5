import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { liveRuns } from '../agents/agents-seen.ts';
import { type Workplace, workplace } from '../world/daemon.ts';
import { RELEASE_AGENT } from './agent.ts';
import { type KeptFacts, PLACES } from './kept.ts';

/*
 * What a release leaves behind, made by the release itself: its daemon works on the fake forge until there are tasks in every state, and
 * is killed while two workers live. Everything of it that a later version has to read is kept as text, with places for the paths.
 */

const LIMIT = 120_000;
/** Files that say which process is which: only the living write them. */
const OF_PROCESSES = new Set(['launched', 'pid', 'init', 'code', 'feeder', 'in', 'closed', 'exit', 'tree']);

/** Runs the release at `main` and keeps what it leaves in `into`. */
export async function keepRelease(main: string, version: string, into: string): Promise<void> {
  const endings: (() => unknown)[] = [];
  const place = await workplace({ onTestFinished: (end) => void endings.push(() => end({} as never)) }, { main });
  try {
    await play(place);
    const at = Date.now();
    rmSync(into, { recursive: true, force: true });
    mkdirSync(into, { recursive: true });
    await keep(place, { version, at }, into);
  } finally {
    for (const end of endings.reverse()) await end();
  }
}

/** Until its daemon is killed, and a person has edited the board since. */
async function play(place: Workplace): Promise<void> {
  const path = join(place.home, 'agent.sh');
  writeFileSync(path, RELEASE_AGENT);
  const limits = { min_free_memory: '16MiB', min_free_disk: '16MiB', attempts: 1 };
  place.configure({ agent: { kind: 'claude', command: ['/bin/sh', path], env: [] }, limits, max_concurrent_workers: 5 });
  for (const title of ['Say hello', 'Choose a format', 'Break something']) place.issue(title);
  const daemon = place.start();
  const counts = (state: string, wanted: number) => async () => (await place.status()).counts[state] === wanted;
  await place.until('a done task', counts('completed', 1), LIMIT);
  await place.until('a question', counts('blocked', 1), LIMIT);
  await place.until('a failed task', counts('failed', 1), LIMIT);
  await place.until('their comments', () => place.fake.state.comments.length >= 3, LIMIT);
  for (const title of ['Wait for a word', 'Wait to be stopped']) place.issue(title);
  const spoke = async () => (await place.status()).tasks.filter(({ state, run }) => state === 'active' && run?.last_event_at != null);
  await place.until('two at work', async () => (await spoke()).length === 2, LIMIT);
  place.issue('Meet a limit');
  await place.until('a parked fleet', async () => (await place.status()).parked !== null, LIMIT);
  const line = place.issue('Stand in line');
  const held = place.issue('Be held back');
  await place.until('a line', counts('pending', 3), LIMIT);
  await place.tac8('pause', `${held}`);
  await place.until('all of it on the board', () => /Stand in line[\s\S]*Be held back/.test(place.board()), LIMIT);
  await daemon.end('SIGKILL');
  // Nobody answers any more: the next daemon does.
  await place.tac8('priority', `${line}`, '0');
  const board = place.board().replace(/^(.*gh-\d+: Stand in line)/m, '[] Tidy the examples {p1}\n$1, and be patient');
  writeFileSync(join(place.root, 'tasks.md'), `${board.trimEnd()}\n\nA person’s own note.\n`);
}

async function keep(place: Workplace, facts: Pick<KeptFacts, 'version' | 'at'>, into: string): Promise<void> {
  const { root, home, repo, fake } = place;
  // They look like real ones.
  const keys = fake.state.users.flatMap(({ tokens }) => tokens);
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(into, path)), { recursive: true });
    let said = text
      .replaceAll(home, PLACES.home)
      .replaceAll(fake.url, PLACES.forge)
      .replaceAll(place.env.PATH ?? '', PLACES.path);
    for (const [n, key] of keys.entries()) said = said.replaceAll(key, `kept-key-${n + 1}`);
    writeFileSync(join(into, path), said);
  };
  const live = [...liveRuns(root).keys()].map((run) => ({ run, environment: environmentOf(join(root, '.tac8/runs', run)) }));
  const isOver = (path: string): boolean =>
    path.startsWith('.tac8/runs/') && !live.some(({ run }) => path.startsWith(`.tac8/runs/${run}/`));
  write('facts.json', `${JSON.stringify({ ...facts, live }, null, 2)}\n`);
  write('database.sql', dumpDatabase(join(root, '.tac8/tac8.db')));
  for (const path of textsBelow(root).filter((one) => !isOver(one))) write(join('checkout', path), readFileSync(join(root, path), 'utf8'));
  write('agent.sh', readFileSync(join(home, 'agent.sh'), 'utf8'));
  const trees = repo.git(['worktree', 'list', '--porcelain']).matchAll(/^worktree (.*)\n(?:.*\n)*?branch refs\/heads\/(.*)$/gm);
  const branches = [...trees].map(([, path = '', branch = '']) => ({ path: relative(root, path), branch }));
  write(
    'worktrees.json',
    `${JSON.stringify(
      branches.filter(({ path }) => path !== ''),
      null,
      2,
    )}\n`,
  );
  repo.git(['bundle', 'create', '--quiet', join(into, 'checkout.bundle'), '--all']);
  repo.git(['bundle', 'create', '--quiet', join(into, 'forge.bundle'), '--all'], fake.bare);
  await fake.close();
  write('forge/state.json', readFileSync(join(home, 'forge/state.json'), 'utf8'));
}

/** Of the parent of a live run, as the kernel tells it. */
function environmentOf(folder: string): Readonly<Record<string, string>> {
  const [pid] = readFileSync(join(folder, 'launched'), 'utf8').split(' ');
  const words = readFileSync(`/proc/${pid}/environ`, 'utf8')
    .split('\0')
    .filter((word) => word.includes('='));
  const environment = words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)] as const);
  // Of the parent's own tools: where the machine has them.
  return Object.fromEntries(environment.map(([name, value]) => [name, name === 'PATH' ? PLACES.path : value]));
}

/** Files of the checkout that tac8 or a person wrote and that are text: not git's, not the worktrees', not the living's. */
function textsBelow(root: string, below = ''): readonly string[] {
  return readdirSync(join(root, below), { withFileTypes: true }).flatMap((entry) => {
    const path = join(below, entry.name);
    if (entry.isDirectory()) return ['.git', 'trees', '.tac8/homes'].includes(path) ? [] : textsBelow(root, path);
    const isKept = entry.isFile() && !OF_PROCESSES.has(entry.name) && !/\.db(-wal|-shm|-journal)?$/.test(entry.name);
    return isKept ? [path] : [];
  });
}

/** A database as the statements that make it again: tables, rows, then what counts or looks things up. */
function dumpDatabase(path: string): string {
  const db = new DatabaseSync(path);
  try {
    const parts = db
      .prepare("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid")
      .all();
    const tables = parts.filter(({ type }) => type === 'table').map(({ name }) => String(name));
    const counted = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'").get() === undefined ? [] : ['sqlite_sequence'];
    const statements = (isTable: boolean): string[] =>
      parts.filter(({ type }) => (type === 'table') === isTable).map(({ sql }) => `${String(sql)};`);
    const rows = [...tables, ...counted].flatMap((table) => rowsOf(db, table));
    return `${['BEGIN;', ...statements(true), ...rows, ...statements(false), 'COMMIT;'].join('\n')}\n`;
  } finally {
    db.close();
  }
}

function rowsOf(db: DatabaseSync, table: string): readonly string[] {
  const columns = db
    .prepare(`PRAGMA table_info("${table}")`)
    .all()
    .map(({ name }) => `"${String(name)}"`);
  const values = columns.map((column) => `quote(${column})`).join(" || ', ' || ");
  const rows = db.prepare(`SELECT ${values} AS line FROM "${table}"`).all();
  return rows.map(({ line }) => `INSERT INTO "${table}" (${columns.join(', ')}) VALUES (${String(line)});`);
}
