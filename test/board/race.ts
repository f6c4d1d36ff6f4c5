import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { WriteWay } from '../../src/adapters/board/file/swap.ts';
import { openVersionFiles } from '../../src/adapters/board/history/version-files.ts';
import { type BoardNote, createBoard } from '../../src/adapters/board/index.ts';
import type { BoardBase } from '../../src/core/board/line/base.ts';
import { saysSame } from '../../src/core/board/line/refresh.ts';
import { parseBoard, textOf } from '../../src/core/board/text/parse.ts';
import type { BoardIntent, BoardLine, BoardView } from '../../src/core/board/text/view.ts';
import type { TaskId } from '../../src/core/model/task.ts';

export interface RaceResult {
  readonly edits: number;
  readonly writes: number;
  /** In how many ways they were saved. */
  readonly ways: number;
  /** Words that stand in a copy named by a note, and nowhere in the file. */
  readonly inCopies: readonly string[];
  readonly lost: readonly string[];
  /** What else is wrong: facts of the daemon that are missing, a task taken twice, an intent nobody meant, a version that does not parse. */
  readonly faults: readonly string[];
}

/** A daemon's state that changes with every step: each task goes round through the sections. */
function viewAt(step: number, local: readonly BoardLine[]): BoardView {
  const tasks = Array.from({ length: 8 }, (_, at): BoardLine => {
    const turn = Math.floor((step + at * 7) / 5) % 4;
    const run = `w-${(step + at).toString(16).padStart(6, '0')}` as const;
    const common = { id: `gh-${at + 1}` as TaskId, title: `Task ${at + 1}`, priority: 2 as const, tree: null, commit: null };
    if (turn === 1)
      return { ...common, section: 'active', run, tree: `trees/gh-${at + 1}`, details: [{ key: 'PID', value: String(step) }] };
    if (turn === 2)
      return { ...common, section: 'completed', run, commit: `${run.slice(2)}a`, details: [{ key: 'PR', value: `#${step}` }] };
    if (turn === 3) return { ...common, section: 'failed', run, details: [{ key: 'Reason', value: `crash ${step}` }] };
    return { ...common, section: 'pending', run: null, details: [] };
  });
  return {
    updatedAt: new Date(Date.UTC(2026, 10, 22) + Math.floor(step / 7) * 1000).toISOString().slice(0, 19).replace('T', ' '),
    maxActive: 3,
    lines: [...tasks, ...local],
  };
}

/** Who is stopped in the midst of what they do, as on a machine that has too much to do: the editors, or the daemon as well. */
export type Stalls = 'none' | 'children' | 'all';

/** Lets a program edit the board `edits` times while the daemon writes it as often as it can. */
export async function race(
  edits: number,
  seed: number,
  way: WriteWay = 'exchange',
  habits = '',
  stalls: Stalls = 'none',
): Promise<RaceResult> {
  const dir = mkdtempSync(join(tmpdir(), 'tac8-race-'));
  const load =
    stalls === 'none'
      ? null
      : spawn(process.execPath, [fileURLToPath(new URL('./stalls.ts', import.meta.url)), String(process.pid), String(seed), stalls]);
  try {
    return await runRace(dir, edits, seed, way, habits);
  } finally {
    load?.kill();
    if (load !== null && load.exitCode === null && load.signalCode === null) await once(load, 'exit');
    rmSync(dir, { recursive: true, force: true });
  }
}

async function runRace(dir: string, edits: number, seed: number, way: WriteWay, habits: string): Promise<RaceResult> {
  const path = join(dir, 'tasks.md');
  const notes: BoardNote[] = [];
  const faults: string[] = [];
  const board = createBoard({ path, dir: join(dir, '.tac8', 'board'), way, watchMs: 2000, onNote: (note) => notes.push(note) });
  const local: BoardLine[] = [];
  let stored: BoardBase = { text: null };
  let step = 0;
  const write = async () => {
    step += 1;
    stored = await board.publish(viewAt(step, local), stored, {
      record: (base) => {
        stored = base;
      },
    });
  };
  const tick = async () => {
    const reading = await board.read(stored);
    const given: Record<string, TaskId> = {};
    for (const intent of reading.intents) takeUp(intent, local, given, faults);
    stored = { ...reading.base, given: { ...reading.base.given, ...given } };
    for (let times = 0; times < 5; times += 1) await write();
  };
  await tick();
  writeFileSync(path, `${readFileSync(path, 'utf8')}\n## Notes\n`);
  await tick();
  const editor = spawn(
    process.execPath,
    [fileURLToPath(new URL('./editor.ts', import.meta.url)), path, String(edits), String(seed), habits],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const saved: string[] = [];
  editor.stdout.setEncoding('utf8').on('data', (text: string) => saved.push(...text.split('\n').filter((line) => line !== '')));
  const ended = once(editor, 'close');
  let running = true;
  ended.then(
    () => {
      running = false;
    },
    () => {
      running = false;
    },
  );
  while (running) {
    await tick();
    // A board that is held is looked at without waiting for anything: the editors' end has to be heard all the same.
    await setImmediate();
  }
  const [code]: unknown[] = await ended;
  if (code !== 0) faults.push(`the editors ended with code ${code}`);
  await tick();
  await board.close();
  await tick();
  const final = viewAt(step, local);
  const text = readFileSync(path, 'utf8');
  faults.push(...missingFacts(final, text), ...brokenVersions(join(dir, '.tac8', 'board', 'versions')));
  const copies = notes.filter((note) => note.copy !== null).map((note) => readFileSync(note.copy ?? '', 'utf8'));
  const words = saved.map((line) => line.slice(line.lastIndexOf(' ') + 1));
  const away = words.filter((word) => !text.includes(`${word} `));
  const inCopies = away.filter((word) => copies.some((copy) => copy.includes(`${word} `)));
  const wayOf = (word: string) => saved.find((line) => line.endsWith(` ${word}`)) ?? word;
  await board.close();
  return {
    edits: saved.length,
    writes: step,
    ways: new Set(saved.map((line) => line.slice(0, line.lastIndexOf(' ')))).size,
    inCopies: inCopies.map(wayOf),
    lost: away.filter((word) => !inCopies.includes(word)).map(wayOf),
    faults,
  };
}

function takeUp(intent: BoardIntent, local: BoardLine[], given: Record<string, TaskId>, faults: string[]): void {
  if (intent.kind !== 'add' || intent.number !== null) {
    faults.push(`nobody asked for ${JSON.stringify(intent)}`);
    return;
  }
  if (local.some((line) => line.title === intent.title)) faults.push(`taken twice: ${intent.title}`);
  const id: TaskId = `local-${local.length + 1}`;
  given[intent.key] = id;
  local.push({ id, section: 'pending', title: intent.title, priority: intent.priority, run: null, tree: null, commit: null, details: [] });
}

function missingFacts(view: BoardView, text: string): string[] {
  const nodes = parseBoard(text).nodes.filter((node) => node.kind === 'task');
  return view.lines.flatMap((line) => {
    const found = nodes.filter((node) => node.task.id === line.id);
    const [node] = found;
    if (node === undefined || found.length > 1) return [`${line.id} stands ${found.length} times`];
    const details = line.details.filter(({ key, value }) => !node.lines.join('').includes(`- ${key}: ${value}`));
    if (node.section === line.section && saysSame(node.task, line) && details.length === 0) return [];
    return [`${line.id} does not say what it should: ${node.lines.join('')}`];
  });
}

function brokenVersions(dir: string): string[] {
  const files = openVersionFiles(dir);
  return files.found.flatMap((file) => {
    const text = files.read(file);
    if (text === null) return [`version ${file.name} cannot be read`];
    const nodes = parseBoard(text).nodes;
    const ids = new Set(nodes.flatMap((node) => (node.kind === 'task' ? [node.task.id] : [])));
    const whole = Array.from({ length: 8 }, (_, at) => `gh-${at + 1}` as TaskId).every((id) => ids.has(id));
    return textOf(nodes) === text && whole ? [] : [`version ${file.name} does not hold the board`];
  });
}
