import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { line, viewOf } from '../../../test/board/lines.ts';
import type { BoardBase } from '../../core/board/base.ts';
import type { BoardView } from '../../core/board/view.ts';
import { type Board, type BoardNote, type BoardOptions, createBoard } from './index.ts';

let dir = '';
let path = '';
let notes: BoardNote[] = [];
const boards: Board[] = [];

const open = (more: Partial<BoardOptions> = {}): Board => {
  const board = createBoard({ path, dir: join(dir, '.tac8', 'board'), onNote: (note) => notes.push(note), ...more });
  boards.push(board);
  return board;
};
const now = (): string => readFileSync(path, 'utf8');
const change = (edit: (text: string) => string): void => writeFileSync(path, edit(now()));
/** One tick: what the engine does with the board. */
async function tick(board: Board, view: BoardView, base: BoardBase) {
  const reading = await board.read(base);
  let stored = reading.base;
  stored = await board.publish(view, stored, { record: (next) => void (stored = next) });
  return { ...reading, stored };
}
/** What stands beside the board: nothing but what people put there. */
const around = (): string[] =>
  readdirSync(dir)
    .filter((name) => name !== '.tac8')
    .sort();

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tac8-board-'));
  path = join(dir, 'tasks.md');
  notes = [];
});
afterEach(async () => {
  for (const board of boards.splice(0)) await board.close();
  rmSync(dir, { recursive: true, force: true });
});

describe('reading and writing', () => {
  it('makes the file, writes nothing when nothing changed, and leaves nothing lying about', async () => {
    const board = open();
    const view = viewOf(line('gh-1', 'pending'));
    const { stored } = await tick(board, view, { text: null });
    const before = statSync(path, { bigint: true });
    const again = await tick(board, { ...viewOf(), lines: view.lines }, stored);
    expect(statSync(path, { bigint: true }).ctimeNs).toBe(before.ctimeNs);
    expect(again.stored.text).toBe(stored.text);
    await board.close();
    expect(around()).toEqual(['tasks.md']);
    expect(readdirSync(join(dir, '.tac8/board/displaced'))).toEqual([]);
  });

  it('takes an edit in once, keeps foreign text and bytes that are no UTF-8', async () => {
    const board = open();
    const first = await tick(board, viewOf(line('gh-1', 'pending')), { text: null });
    appendFileSync(path, Buffer.from([0x43, 0x61, 0x66, 0xe9, 0x0a]));
    change((text) => text);
    writeFileSync(path, Buffer.concat([readFileSync(path).subarray(0, -3), Buffer.from([0xe9, 0x0a])]));
    const bytes = readFileSync(path).subarray(-8);
    const second = await tick(board, viewOf(line('gh-1', 'active')), first.stored);
    expect(second.intents).toEqual([]);
    expect(readFileSync(path).subarray(-8)).toEqual(bytes);
    expect((await board.read(second.stored)).intents).toEqual([]);
  });

  it('keeps an edit that comes between read and write, and takes it in next', async () => {
    const board = open();
    const view = viewOf(line('gh-1', 'pending'), line('gh-2', 'pending'));
    const { stored } = await tick(board, view, { text: null });
    const reading = await board.read(stored);
    change((text) => text.replace('gh-2: Title 2 {p2}', 'gh-2: Title 2 {p0}\n- a note'));
    const base = await board.publish(viewOf(line('gh-1', 'active'), line('gh-2', 'pending')), reading.base);
    expect(now()).toContain('[🟡 w-000001, trees/gh-1] gh-1');
    expect((await board.read(base)).intents).toMatchObject([{ kind: 'priority', task: 'gh-2', priority: 0 }]);
  });

  it('keeps mode and owner, and writes through symbolic links', async () => {
    const real = join(dir, 'real', 'queue.md');
    mkdirSync(join(dir, 'real'));
    writeFileSync(real, '## Pending\n[] gh-1: Mine\n', { mode: 0o640 });
    symlinkSync('real/queue.md', path);
    await tick(open(), viewOf(line('gh-1', 'pending'), line('gh-2', 'pending')), { text: null });
    expect(readFileSync(real, 'utf8')).toContain('gh-2');
    expect(statSync(real).mode & 0o777).toBe(0o640);
    expect(around()).toEqual(['real', 'tasks.md']);
  });

  it('makes the file that a dangling link names', async () => {
    symlinkSync('later.md', path);
    await tick(open(), viewOf(line('gh-1', 'pending')), { text: null });
    expect(readFileSync(join(dir, 'later.md'), 'utf8')).toContain('gh-1');
  });

  it('writes in place where the file has two names, and says so', async () => {
    const board = open();
    const first = await tick(board, viewOf(line('gh-1', 'pending')), { text: null });
    linkSync(path, join(dir, 'other.md'));
    await tick(board, viewOf(line('gh-1', 'active')), first.stored);
    expect(readFileSync(join(dir, 'other.md'), 'utf8')).toBe(now());
    expect(now()).toContain('🟡');
    expect(await board.capabilities()).toMatchObject({ way: 'in-place', lossless: false });
  });

  it('says what to do about a read-only file and a folder in its place', async () => {
    const board = open();
    const first = await tick(board, viewOf(line('gh-1', 'pending')), { text: null });
    chmodSync(path, 0o444);
    const before = now();
    await expect(tick(board, viewOf(line('gh-1', 'active')), first.stored)).rejects.toMatchObject({
      sort: 'terminal',
      hint: `Run: chmod u+w ${path}`,
    });
    expect(now()).toBe(before);
    rmSync(path);
    mkdirSync(path);
    await expect(board.read(first.stored)).rejects.toMatchObject({ sort: 'terminal', message: expect.stringContaining(path) });
  });

  it('works without the exchange, and says so', async () => {
    const board = open({ way: 'rename' });
    const first = await tick(board, viewOf(line('gh-1', 'pending')), { text: null });
    await tick(board, viewOf(line('gh-1', 'active')), first.stored);
    expect(now()).toContain('🟡');
    expect(await board.capabilities()).toMatchObject({ way: 'rename', lossless: false });
    expect(await open().capabilities()).toMatchObject({ way: 'exchange', lossless: true });
    expect(around()).toEqual(['tasks.md']);
  });

  it('moves lines that leave the board to the month’s archive', async () => {
    const board = open({ archive: join(dir, 'archive') });
    const first = await tick(board, viewOf(line('gh-1', 'completed')), { text: null });
    change((text) => text.replace(/(gh-1: .*\n)/, '$1- my note\n'));
    await tick(board, viewOf(), first.stored);
    expect(readFileSync(join(dir, 'archive', 'tasks-2026-11.md'), 'utf8')).toBe('[✅ a1b2c3d, w-000001] gh-1: Title 1\n- my note\n');
  });
});

describe('a full disk and a mount', () => {
  const mounted: string[] = [];
  const mount = (...args: string[]): boolean => {
    try {
      execFileSync('mount', args, { stdio: 'ignore' });
      mounted.push(args.at(-1) ?? '');
      return true;
    } catch {
      return false;
    }
  };
  afterEach(() => {
    for (const place of mounted.splice(0)) execFileSync('umount', [place]);
  });

  it('loses nothing on a full disk', async (context) => {
    const small = join(dir, 'small');
    mkdirSync(small);
    if (!mount('-t', 'tmpfs', '-o', 'size=64k', 'none', small)) return context.skip();
    path = join(small, 'tasks.md');
    const board = open();
    const first = await tick(board, viewOf(line('gh-1', 'pending')), { text: null });
    change((text) => `${text}\nMine.\n`);
    const before = now();
    writeFileSync(join(small, 'fill'), '');
    const handle = openSync(join(small, 'fill'), 'w');
    expect(() => {
      for (;;) writeSync(handle, Buffer.alloc(4096));
    }).toThrow('ENOSPC');
    closeSync(handle);
    const reading = await board.read(first.stored);
    await expect(board.publish(viewOf(line('gh-1', 'active')), reading.base)).rejects.toMatchObject({
      sort: 'retryable',
      hint: expect.stringContaining('disk is full'),
    });
    expect(now()).toBe(before);
    rmSync(join(small, 'fill'));
    await board.publish(viewOf(line('gh-1', 'active')), reading.base);
    expect(now()).toMatch(/🟡[^]*Mine\./);
    await board.close();
  });

  it('writes a bind-mounted file in place', async (context) => {
    const source = join(dir, 'source.md');
    writeFileSync(source, '## Pending\n[] gh-1: Mine\n');
    writeFileSync(path, '');
    if (!mount('--bind', source, path)) return context.skip();
    const board = open();
    await tick(board, viewOf(line('gh-1', 'pending'), line('gh-2', 'pending')), { text: null });
    expect(readFileSync(source, 'utf8')).toContain('gh-2');
    await board.close();
  });
});

describe('late and early savers', () => {
  it('brings in what an editor writes into the replaced file', async () => {
    const board = open();
    const first = await tick(board, viewOf(line('gh-1', 'pending')), { text: null });
    const editor = openSync(path, 'a');
    await tick(board, viewOf(line('gh-1', 'active')), first.stored);
    writeSync(editor, 'Too late?\n');
    closeSync(editor);
    await vi.waitFor(() => expect(now()).toContain('Too late?'), { timeout: 5000, interval: 20 });
    expect(now()).toContain('🟡');
  });

  it('brings a save from an outdated editor onto the newest board', async () => {
    const board = open();
    const first = await tick(board, viewOf(line('gh-1', 'pending'), line('gh-2', 'pending'), line('gh-3', 'active')), { text: null });
    const loaded = now();
    const later = viewOf(line('gh-1', 'active'), line('gh-2', 'pending'), line('gh-3', 'failed'), line('gh-9', 'pending'));
    const second = await tick(board, later, first.stored);
    writeFileSync(path, loaded.replace('[] gh-2: Title 2 {p2}', '[] gh-2: Title 2 {p0}\n- my note'));
    const third = await tick(board, later, second.stored);
    expect(third.intents).toMatchObject([{ kind: 'priority', task: 'gh-2' }]);
    expect(now()).toMatch(/gh-9[^]*🟡 w-000001[^]*❌ w-000003/);
    expect(now()).toContain('- my note');
  });

  it('knows such a version after a restart too', async () => {
    const first = await tick(open(), viewOf(line('gh-1', 'pending'), line('gh-2', 'pending')), { text: null });
    const loaded = now();
    const second = await tick(open(), viewOf(line('gh-1', 'active'), line('gh-2', 'pending'), line('gh-9', 'pending')), first.stored);
    writeFileSync(path, `${loaded}\nMine.\n`);
    const third = await tick(open(), viewOf(line('gh-1', 'active'), line('gh-2', 'pending'), line('gh-9', 'pending')), second.stored);
    expect(third.intents).toEqual([]);
    expect(now()).toMatch(/gh-9[^]*Mine\./);
  });
});

describe('held edits', () => {
  const many = viewOf(...Array.from({ length: 10 }, (_, at) => line(`gh-${at + 1}`, 'pending')));

  it('leaves an emptied file alone until a person answers', async () => {
    const board = open();
    const { stored } = await tick(board, many, { text: null });
    writeFileSync(path, '');
    const held = await tick(board, many, stored);
    expect(held).toMatchObject({ intents: [], held: { kind: 'empty' }, problems: [{ line: 0 }] });
    expect(now()).toBe('');
    await board.publish(many, held.stored, { restore: true });
    expect(now()).toContain('gh-10');
    expect(notes.at(-1)?.copy).toMatch(/copies/);
  });

  it('takes it on the word of a person, for this text alone', async () => {
    const board = open();
    const { stored } = await tick(board, many, { text: null });
    change((text) => text.replace(/.*gh-[2-7]: .*\n/g, ''));
    const { held } = await board.read(stored);
    expect(held?.kind).toBe('removal');
    expect((await board.read(stored, { accept: held?.token ?? '' })).intents).toHaveLength(6);
    change((text) => text.replace(/.*gh-8: .*\n/g, ''));
    expect((await board.read(stored, { accept: held?.token ?? '' })).intents).toEqual([]);
  });

  it('previews without leaving a trace', async () => {
    const board = open();
    const { stored } = await tick(board, many, { text: null });
    change((text) => text.replace('gh-2: Title 2 {p2}', 'gh-2: Title 2 {p0}'));
    expect((await board.preview(stored)).intents).toMatchObject([{ kind: 'priority' }]);
    expect((await board.read(stored)).intents).toMatchObject([{ kind: 'priority' }]);
  });
});

describe('git', () => {
  const git = (...args: string[]): void => {
    execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.org', ...args], {
      cwd: dir,
      stdio: 'ignore',
      env: { PATH: process.env.PATH, HOME: dir, GIT_CONFIG_NOSYSTEM: '1' },
    });
  };
  const view = viewOf(...Array.from({ length: 6 }, (_, at) => line(`gh-${at + 1}`, 'pending')), line('gh-20', 'active'));

  it('takes in the merge of two branches', async () => {
    const board = open();
    const first = await tick(board, view, { text: null });
    git('init', '-q', '-b', 'main');
    git('add', 'tasks.md');
    git('commit', '-q', '-m', 'one');
    git('checkout', '-q', '-b', 'other');
    change((text) => text.replace('gh-2: Title 2 {p2}', 'gh-2: Title 2 {p0}').replace(/(.*gh-20: .*\n)/, '$1- from the branch\n'));
    git('commit', '-qam', 'two');
    git('checkout', '-q', 'main');
    const started = viewOf(line('gh-6', 'active'), ...view.lines.filter((other) => other.id !== 'gh-6'));
    const second = await tick(board, started, first.stored);
    change((text) => text.replace('## Pending\n', '## Pending\n[] From main\n'));
    git('commit', '-qam', 'three');
    git('merge', '-q', '-m', 'merge', 'other');
    const { intents } = await tick(board, started, second.stored);
    expect(intents).toMatchObject([
      { kind: 'add', title: 'From main' },
      { kind: 'priority', task: 'gh-2', priority: 0 },
    ]);
    expect(now()).toMatch(/🟡 w-000006[^]*- from the branch/);
  });

  it('cancels nothing when an older board is checked out, whether it remembers it or not', async () => {
    const board = open();
    git('init', '-q', '-b', 'main');
    const failedOnce = viewOf(line('gh-1', 'failed'), line('gh-2', 'pending'), line('gh-3', 'pending'));
    const first = await tick(board, failedOnce, { text: null });
    git('add', 'tasks.md');
    git('commit', '-qm', 'old');
    const live = viewOf(line('gh-1', 'active', { run: 'w-00000f' }), line('gh-2', 'active'), line('gh-4', 'pending'));
    const second = await tick(board, live, first.stored);
    git('checkout', '-q', '--', 'tasks.md');
    const third = await tick(board, live, second.stored);
    expect(third).toMatchObject({ intents: [], held: null });
    expect(now()).toMatch(/🟡 w-00000f[^]*🟡 w-000002/);
    await board.close();
    rmSync(join(dir, '.tac8'), { recursive: true });
    git('checkout', '-q', '--', 'tasks.md');
    const forgotten = await tick(open(), live, third.stored);
    expect(forgotten).toMatchObject({ intents: [], held: { kind: 'old-version' } });
  });
});

describe('a crash', () => {
  it.each(['before the write', 'after the write'])('%s makes no edit out of the daemon', async (when) => {
    const board = open();
    const first = await tick(board, viewOf(line('gh-1', 'pending'), line('gh-2', 'active')), { text: null });
    const view = viewOf(line('gh-1', 'active'), line('gh-2', 'failed'), line('gh-3', 'pending'));
    let stored: BoardBase = first.stored;
    const write = board.publish(view, stored, {
      record(next) {
        stored = next;
        if (when === 'before the write') throw new Error('kill -9');
      },
    });
    if (when === 'before the write') await expect(write).rejects.toThrow('kill -9');
    else await write;
    change((text) => `${text}\nMine, after the crash.\n`);
    const reading = await tick(open(), view, stored);
    expect(reading).toMatchObject({ intents: [], held: null });
    expect(now()).toMatch(/🟡 w-000001[^]*❌ w-000002[^]*Mine, after the crash\./);
  });

  it('finds a person’s save that had come out and was not merged', async () => {
    const first = await tick(open(), viewOf(line('gh-1', 'pending')), { text: null });
    writeFileSync(join(dir, '.tasks.md.tac8-99-1'), `${now()}\nSaved in the last instant.\n`);
    writeFileSync(join(dir, '.tasks.md.tac8-99-2'), now());
    await tick(open(), viewOf(line('gh-1', 'pending')), first.stored);
    expect(around()).toEqual(['tasks.md']);
    expect(notes).toHaveLength(1);
    expect(readFileSync(notes[0]?.copy ?? '', 'utf8')).toContain('Saved in the last instant.');
    expect(existsSync(path)).toBe(true);
  });
});
