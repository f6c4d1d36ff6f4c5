import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Desk, desk, tick } from '../../../test/board/desk.ts';
import { line, viewOf } from '../../../test/board/lines.ts';
import type { BoardBase } from '../../core/board/line/base.ts';
import type { BoardLine } from '../../core/board/text/view.ts';
import type { TaskId } from '../../core/model/task.ts';
import { previewBoard } from './preview.ts';

let at: Desk;
beforeEach(() => {
  at = desk();
});
afterEach(() => at.clear());

describe('late and early savers', () => {
  it('brings in what an editor writes into the replaced file', async () => {
    const board = at.open();
    const first = await tick(board, viewOf(line('gh-1', 'pending')), { text: null });
    const editor = openSync(at.path, 'a');
    await tick(board, viewOf(line('gh-1', 'active')), first.stored);
    writeSync(editor, 'Too late?\n');
    closeSync(editor);
    await vi.waitFor(() => expect(at.now()).toContain('Too late?'), { timeout: 5000, interval: 20 });
    expect(at.now()).toContain('🟡');
  });

  it('brings a save from an outdated editor onto the newest board', async () => {
    const board = at.open();
    const first = await tick(board, viewOf(line('gh-1', 'pending'), line('gh-2', 'pending'), line('gh-3', 'active')), { text: null });
    const loaded = at.now();
    const later = viewOf(line('gh-1', 'active'), line('gh-2', 'pending'), line('gh-3', 'failed'), line('gh-9', 'pending'));
    const second = await tick(board, later, first.stored);
    writeFileSync(at.path, loaded.replace('[] gh-2: Title 2 {p2}', '[] gh-2: Title 2 {p0}\n- my note'));
    const third = await tick(board, later, second.stored);
    expect(third.intents).toMatchObject([{ kind: 'priority', task: 'gh-2' }]);
    expect(at.now()).toMatch(/gh-9[\s\S]*🟡 w-000001[\s\S]*❌ w-000003/);
    expect(at.now()).toContain('- my note');
  });

  it('keeps what a late writer brought when an editor that did not see it saves over it', async () => {
    const board = at.open();
    const first = await tick(board, viewOf(line('gh-1', 'pending')), { text: null });
    const editor = openSync(at.path, 'a');
    const second = await tick(board, viewOf(line('gh-1', 'active')), first.stored);
    const loaded = at.now();
    writeSync(editor, 'Too late?\n');
    closeSync(editor);
    await vi.waitFor(() => expect(at.now()).toContain('Too late?'), { timeout: 5000, interval: 20 });
    writeFileSync(at.path, loaded.replace('gh-1: Title 1\n', 'gh-1: Title 1\n- my note\n'));
    await tick(board, viewOf(line('gh-1', 'active')), second.stored);
    expect(at.now()).toMatch(/- my note[\s\S]*Too late\?/);
  });

  it('keeps both, a late word in the replaced file and an outdated buffer that was renamed over the new one', async () => {
    const board = at.open();
    const first = await tick(board, viewOf(line('gh-1', 'pending')), { text: null });
    const loaded = at.now();
    const editor = openSync(at.path, 'a');
    const view = viewOf(line('gh-1', 'active'));
    let { stored } = await tick(board, view, first.stored);
    writeFileSync(`${at.path}.new`, loaded.replace('gh-1: Title 1 {p2}\n', 'gh-1: Title 1 {p2}\n- my note\n'));
    renameSync(`${at.path}.new`, at.path);
    writeSync(editor, 'Too late?\n');
    closeSync(editor);
    await vi.waitFor(() => expect(at.now()).toContain('Too late?'), { timeout: 5000, interval: 20 });
    for (let n = 0; n < 3; n += 1) ({ stored } = await tick(board, view, stored));
    expect(at.now()).toMatch(/🟡[\s\S]*- my note[\s\S]*Too late\?/);
  });

  it('keeps late words as a named copy where nobody knows the text that stands there meanwhile', async () => {
    const board = at.open();
    const first = await tick(board, viewOf(line('gh-1', 'pending')), { text: null });
    const loaded = at.now();
    const editor = openSync(at.path, 'a');
    await tick(board, viewOf(line('gh-1', 'active')), first.stored);
    const foreign = loaded.replace(/\*\*Last updated:\*\* .*/, '**Last updated:** 2001-01-01 00:00:00');
    writeFileSync(at.path, foreign);
    writeSync(editor, 'Too late?\n');
    closeSync(editor);
    await vi.waitFor(
      () => expect(at.notes.some(({ copy }) => copy !== null && readFileSync(copy, 'utf8').includes('Too late?'))).toBe(true),
      {
        timeout: 5000,
        interval: 20,
      },
    );
    expect(at.now()).toBe(foreign);
  });

  it.each([1, 2, 3])('takes a new line once when an outdated buffer is saved %d times more before and after the write', async (times) => {
    const board = at.open();
    const first = await tick(board, viewOf(line('gh-1', 'pending')), { text: null });
    let buffer = at.now();
    let { stored } = await tick(board, viewOf(line('gh-1', 'active')), first.stored);
    const local: BoardLine[] = [];
    const titles: string[] = [];
    const look = async (): Promise<void> => {
      const reading = await board.read(stored);
      const given: Record<string, TaskId> = {};
      for (const intent of reading.intents) {
        if (intent.kind !== 'add') throw new Error(intent.kind);
        titles.push(intent.title);
        const id: TaskId = `local-${titles.length}`;
        given[intent.key] = id;
        local.push({ ...line(id, 'pending'), title: intent.title });
      }
      stored = { ...reading.base, given: { ...reading.base.given, ...given } };
    };
    const save = (n: number): void => {
      buffer = buffer.replace('[] gh-1', `[] New ${n}\n[] gh-1`);
      writeFileSync(`${at.path}.new`, buffer);
      renameSync(`${at.path}.new`, at.path);
    };
    save(0);
    const early = buffer;
    for (let n = 1; n <= times; n += 1) {
      await look();
      save(n);
      stored = await board.publish(viewOf(line('gh-1', 'active'), ...local), stored, {
        record: (base) => {
          stored = base;
        },
      });
    }
    await look();
    // And `git checkout` puts an early one back.
    writeFileSync(at.path, early);
    await look();
    expect(titles.toSorted()).toEqual(Array.from({ length: times + 1 }, (_, n) => `New ${n}`));
  });

  it('knows such a version after a restart too', async () => {
    const first = await tick(at.open(), viewOf(line('gh-1', 'pending'), line('gh-2', 'pending')), { text: null });
    const loaded = at.now();
    const second = await tick(at.open(), viewOf(line('gh-1', 'active'), line('gh-2', 'pending'), line('gh-9', 'pending')), first.stored);
    writeFileSync(at.path, `${loaded}\nMine.\n`);
    const third = await tick(at.open(), viewOf(line('gh-1', 'active'), line('gh-2', 'pending'), line('gh-9', 'pending')), second.stored);
    expect(third.intents).toEqual([]);
    expect(at.now()).toMatch(/gh-9[\s\S]*Mine\./);
  });

  it('measures it against the text that its editor had loaded, also where a daemon died between seeing it and writing down that it had', async () => {
    const view = viewOf(line('gh-1', 'active'), line('gh-2', 'pending'), line('gh-9', 'pending'));
    const first = await tick(at.open(), viewOf(line('gh-1', 'pending'), line('gh-2', 'pending')), { text: null });
    const loaded = at.now();
    const second = await tick(at.open(), view, first.stored);
    writeFileSync(at.path, `${loaded.replace('[] gh-2: Title 2 {p2}', '[] gh-2: Title 2 {p0}')}\nMine.\n`);
    const [lost, lostToo] = [await at.open().read(second.stored), await at.open().read(second.stored)];
    expect(lostToo).toEqual(lost);
    const third = await tick(at.open(), view, second.stored);
    expect(third.intents).toMatchObject([{ kind: 'priority', task: 'gh-2' }]);
    expect(at.now()).toMatch(/gh-9[\s\S]*Mine\./);
  });
});

describe('held edits', () => {
  const many = viewOf(...Array.from({ length: 10 }, (_, at) => line(`gh-${at + 1}`, 'pending')));

  it('leaves an emptied file alone until a person answers', async () => {
    const board = at.open();
    const { stored } = await tick(board, many, { text: null });
    writeFileSync(at.path, '');
    const held = await tick(board, many, stored);
    expect(held).toMatchObject({ intents: [], held: { kind: 'empty' }, problems: [{ line: 0 }] });
    expect(at.now()).toBe('');
    await board.publish(many, held.stored, { restore: true });
    expect(at.now()).toContain('gh-10');
    expect(at.notes.at(-1)?.copy).toMatch(/copies/);
  });

  it('takes it on the word of a person, for this text alone', async () => {
    const board = at.open();
    const { stored } = await tick(board, many, { text: null });
    at.change((text) => text.replace(/.*gh-[2-7]: .*\n/g, ''));
    const { held } = await board.read(stored);
    expect(held?.kind).toBe('removal');
    expect((await board.read(stored, { accept: held?.token ?? '' })).intents).toHaveLength(6);
    at.change((text) => text.replace(/.*gh-8: .*\n/g, ''));
    expect((await board.read(stored, { accept: held?.token ?? '' })).intents).toEqual([]);
  });

  it('previews without leaving a trace', async () => {
    const board = at.open();
    const { stored } = await tick(board, many, { text: null });
    at.change((text) => text.replace('gh-2: Title 2 {p2}', 'gh-2: Title 2 {p0}'));
    expect((await previewBoard(at.path, join(at.dir, '.tac8/board'), stored)).intents).toMatchObject([{ kind: 'priority' }]);
    expect((await board.read(stored)).intents).toMatchObject([{ kind: 'priority' }]);
  });

  it('previews a board that nobody changed: nothing is asked, and the lines that cannot be read are named', async () => {
    const board = at.open();
    const view = viewOf(line('gh-1', 'pending'), line('gh-2', 'pending'));
    const first = await tick(board, view, { text: null });
    writeFileSync(at.path, at.now().replace('gh-2: Title 2 {p2}', 'gh-2: Title 2 {p9}'));
    const { stored } = await tick(board, view, first.stored);
    expect(at.now()).toBe(stored.text);
    const { problems, ...rest } = await previewBoard(at.path, join(at.dir, '.tac8/board'), stored);
    expect(rest).toEqual({ intents: [], held: null, base: stored });
    expect(problems).toMatchObject([{ message: 'there is no priority {p9}' }]);
  });
});

describe('git', () => {
  const git = (...args: string[]): void => {
    execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.org', ...args], {
      cwd: at.dir,
      stdio: 'ignore',
      env: { PATH: process.env.PATH, HOME: at.dir, GIT_CONFIG_NOSYSTEM: '1' },
    });
  };
  const view = viewOf(...Array.from({ length: 6 }, (_, at) => line(`gh-${at + 1}`, 'pending')), line('gh-20', 'active'));

  it('takes in the merge of two branches', async () => {
    const board = at.open();
    const first = await tick(board, view, { text: null });
    git('init', '-q', '-b', 'main');
    git('add', 'tasks.md');
    git('commit', '-q', '-m', 'one');
    git('checkout', '-q', '-b', 'other');
    at.change((text) => text.replace('gh-2: Title 2 {p2}', 'gh-2: Title 2 {p0}').replace(/(.*gh-20: .*\n)/, '$1- from the branch\n'));
    git('commit', '-qam', 'two');
    git('checkout', '-q', 'main');
    const started = viewOf(line('gh-6', 'active'), ...view.lines.filter((other) => other.id !== 'gh-6'));
    const second = await tick(board, started, first.stored);
    at.change((text) => text.replace('## Pending\n', '## Pending\n[] From main\n'));
    git('commit', '-qam', 'three');
    git('merge', '-q', '-m', 'merge', 'other');
    const { intents } = await tick(board, started, second.stored);
    expect(intents).toMatchObject([
      { kind: 'add', title: 'From main' },
      { kind: 'priority', task: 'gh-2', priority: 0 },
    ]);
    expect(at.now()).toMatch(/🟡 w-000006[\s\S]*- from the branch/);
  });

  it('cancels nothing when an older board is checked out, whether it remembers it or not', async () => {
    const board = at.open();
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
    expect(at.now()).toMatch(/🟡 w-00000f[\s\S]*🟡 w-000002/);
    await board.close();
    rmSync(join(at.dir, '.tac8'), { recursive: true });
    git('checkout', '-q', '--', 'tasks.md');
    const forgotten = await tick(at.open(), live, third.stored);
    expect(forgotten).toMatchObject({ intents: [], held: { kind: 'old-version' } });
  });
});

describe('a crash', () => {
  it.each(['before the write', 'after the write'])('%s makes no edit out of the daemon', async (when) => {
    const board = at.open();
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
    at.change((text) => `${text}\nMine, after the crash.\n`);
    const reading = await tick(at.open(), view, stored);
    expect(reading).toMatchObject({ intents: [], held: null });
    expect(at.now()).toMatch(/🟡 w-000001[\s\S]*❌ w-000002[\s\S]*Mine, after the crash\./);
  });

  it('finds a person’s save that had come out and was not merged', async () => {
    const first = await tick(at.open(), viewOf(line('gh-1', 'pending')), { text: null });
    writeFileSync(join(at.dir, '.tasks.md.tac8-99-1'), `${at.now()}\nSaved in the last instant.\n`);
    writeFileSync(join(at.dir, '.tasks.md.tac8-99-2'), at.now());
    await tick(at.open(), viewOf(line('gh-1', 'pending')), first.stored);
    expect(at.around()).toEqual(['tasks.md']);
    expect(at.notes).toHaveLength(1);
    expect(readFileSync(at.notes[0]?.copy ?? '', 'utf8')).toContain('Saved in the last instant.');
    expect(existsSync(at.path)).toBe(true);
  });
});
