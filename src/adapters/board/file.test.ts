import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Desk, desk, tick } from '../../../test/board/desk.ts';
import { line, viewOf } from '../../../test/board/lines.ts';

let at: Desk;
beforeEach(() => {
  at = desk();
});
afterEach(() => at.clear());

describe('reading and writing', () => {
  it('makes the file, writes nothing when nothing changed, and leaves nothing lying about', async () => {
    const board = at.open();
    const view = viewOf(line('gh-1', 'pending'));
    const { stored } = await tick(board, view, { text: null });
    const before = statSync(at.path, { bigint: true });
    const again = await tick(board, { ...viewOf(), lines: view.lines }, stored);
    expect(statSync(at.path, { bigint: true }).ctimeNs).toBe(before.ctimeNs);
    expect(again.stored.text).toBe(stored.text);
    await board.close();
    expect(at.around()).toEqual(['tasks.md']);
    expect(readdirSync(join(at.dir, '.tac8/board/displaced'))).toEqual([]);
  });

  it('takes an edit in once, keeps foreign text and bytes that are no UTF-8', async () => {
    const board = at.open();
    const first = await tick(board, viewOf(line('gh-1', 'pending')), { text: null });
    appendFileSync(at.path, Buffer.from([0x43, 0x61, 0x66, 0xe9, 0x0a]));
    at.change((text) => text);
    writeFileSync(at.path, Buffer.concat([readFileSync(at.path).subarray(0, -3), Buffer.from([0xe9, 0x0a])]));
    const bytes = readFileSync(at.path).subarray(-8);
    const second = await tick(board, viewOf(line('gh-1', 'active')), first.stored);
    expect(second.intents).toEqual([]);
    expect(readFileSync(at.path).subarray(-8)).toEqual(bytes);
    expect((await board.read(second.stored)).intents).toEqual([]);
  });

  it('keeps an edit that comes between read and write, and takes it in next', async () => {
    const board = at.open();
    const view = viewOf(line('gh-1', 'pending'), line('gh-2', 'pending'));
    const { stored } = await tick(board, view, { text: null });
    const reading = await board.read(stored);
    at.change((text) => text.replace('gh-2: Title 2 {p2}', 'gh-2: Title 2 {p0}\n- a note'));
    const base = await board.publish(viewOf(line('gh-1', 'active'), line('gh-2', 'pending')), reading.base);
    expect(at.now()).toContain('[🟡 w-000001, trees/gh-1] gh-1');
    expect((await board.read(base)).intents).toMatchObject([{ kind: 'priority', task: 'gh-2', priority: 0 }]);
  });

  it('keeps mode and owner, and writes through symbolic links', async () => {
    const real = join(at.dir, 'real', 'queue.md');
    mkdirSync(join(at.dir, 'real'));
    writeFileSync(real, '## Pending\n[] gh-1: Mine\n', { mode: 0o640 });
    symlinkSync('real/queue.md', at.path);
    await tick(at.open(), viewOf(line('gh-1', 'pending'), line('gh-2', 'pending')), { text: null });
    expect(readFileSync(real, 'utf8')).toContain('gh-2');
    expect(statSync(real).mode & 0o777).toBe(0o640);
    expect(at.around()).toEqual(['real', 'tasks.md']);
  });

  it('makes the file that a dangling link names', async () => {
    symlinkSync('later.md', at.path);
    await tick(at.open(), viewOf(line('gh-1', 'pending')), { text: null });
    expect(readFileSync(join(at.dir, 'later.md'), 'utf8')).toContain('gh-1');
  });

  it('writes in place where the file has two names, and says so', async () => {
    const board = at.open();
    const first = await tick(board, viewOf(line('gh-1', 'pending')), { text: null });
    linkSync(at.path, join(at.dir, 'other.md'));
    await tick(board, viewOf(line('gh-1', 'active')), first.stored);
    expect(readFileSync(join(at.dir, 'other.md'), 'utf8')).toBe(at.now());
    expect(at.now()).toContain('🟡');
    expect(await board.capabilities()).toMatchObject({ way: 'in-place', lossless: false });
  });

  it('says what to do about a read-only file and a folder in its place', async () => {
    const board = at.open();
    const first = await tick(board, viewOf(line('gh-1', 'pending')), { text: null });
    chmodSync(at.path, 0o444);
    const before = at.now();
    await expect(tick(board, viewOf(line('gh-1', 'active')), first.stored)).rejects.toMatchObject({
      sort: 'terminal',
      hint: `Run: chmod u+w ${at.path}`,
    });
    expect(at.now()).toBe(before);
    rmSync(at.path);
    mkdirSync(at.path);
    await expect(board.read(first.stored)).rejects.toMatchObject({ sort: 'terminal', message: expect.stringContaining(at.path) });
  });

  it('works without the exchange, and says so', async () => {
    const board = at.open({ way: 'rename' });
    const first = await tick(board, viewOf(line('gh-1', 'pending')), { text: null });
    await tick(board, viewOf(line('gh-1', 'active')), first.stored);
    expect(at.now()).toContain('🟡');
    expect(await board.capabilities()).toMatchObject({ way: 'rename', lossless: false });
    expect(await at.open().capabilities()).toMatchObject({ way: 'exchange', lossless: true });
    expect(at.around()).toEqual(['tasks.md']);
  });

  it('keeps what a person wrote below a line that leaves the board, and says where', async () => {
    const board = at.open();
    const first = await tick(board, viewOf(line('gh-1', 'pending'), line('gh-2', 'active')), { text: null });
    at.change((text) => text.replace(/(gh-1: .*\n)/, '$1- ask Ann first\n'));
    await tick(board, viewOf(), first.stored);
    expect(at.now()).not.toMatch(/gh-1|gh-2/);
    expect(at.notes).toMatchObject([{ message: expect.stringContaining('gh-1 left the board'), words: '- ask Ann first\n' }]);
    expect(readFileSync(at.notes[0]?.copy ?? '', 'utf8')).toContain('ask Ann first');
  });

  it('leaves a line alone that it does not show, and takes it over once it does', async () => {
    const board = at.open();
    const first = await tick(board, viewOf(), { text: null });
    at.change((text) => text.replace('## Pending\n', '## Pending\n[] gh-7: My words\n'));
    const second = await tick(board, viewOf(), first.stored);
    expect(second.intents).toMatchObject([{ kind: 'add', number: 7 }]);
    expect(at.now()).toContain('[] gh-7: My words\n');
    const third = await tick(board, viewOf(line('gh-7', 'pending')), second.stored);
    expect(at.now()).toContain('[] gh-7: My words\n');
    const last = await tick(at.open(), viewOf(), third.stored);
    expect(last.intents).toEqual([]);
    expect(at.now()).not.toContain('gh-7');
  });

  it('moves lines that leave the board to the month’s archive', async () => {
    const board = at.open({ archive: join(at.dir, 'archive') });
    const first = await tick(board, viewOf(line('gh-1', 'completed')), { text: null });
    at.change((text) => text.replace(/(gh-1: .*\n)/, '$1- my note\n'));
    await tick(board, viewOf(), first.stored);
    expect(readFileSync(join(at.dir, 'archive', 'tasks-2026-11.md'), 'utf8')).toBe('[✅ a1b2c3d, w-000001] gh-1: Title 1\n- my note\n');
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

  it('loses nothing on a full disk (where a tmpfs may be mounted)', async (context) => {
    const small = join(at.dir, 'small');
    mkdirSync(small);
    if (!mount('-t', 'tmpfs', '-o', 'size=64k', 'none', small)) return context.skip('no tmpfs may be mounted here');
    at.path = join(small, 'tasks.md');
    const board = at.open();
    const first = await tick(board, viewOf(line('gh-1', 'pending')), { text: null });
    at.change((text) => `${text}\nMine.\n`);
    const before = at.now();
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
    expect(at.now()).toBe(before);
    rmSync(join(small, 'fill'));
    await board.publish(viewOf(line('gh-1', 'active')), reading.base);
    expect(at.now()).toMatch(/🟡[\s\S]*Mine\./);
    await board.close();
  });

  it('writes a bind-mounted file in place (where a bind mount may be made)', async (context) => {
    const source = join(at.dir, 'source.md');
    writeFileSync(source, '## Pending\n[] gh-1: Mine\n');
    writeFileSync(at.path, '');
    if (!mount('--bind', source, at.path)) return context.skip('no bind mount may be made here');
    const board = at.open();
    await tick(board, viewOf(line('gh-1', 'pending'), line('gh-2', 'pending')), { text: null });
    expect(readFileSync(source, 'utf8')).toContain('gh-2');
    await board.close();
  });
});
