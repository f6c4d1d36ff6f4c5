import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LockHeldError, lockHolder, takeLock } from '../../../src/adapters/store/lock/lock.ts';
import { lockRepository } from '../../../src/compose/premises.ts';

let root: string;
let files: readonly [string, string];
const children: ChildProcess[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tac8-lock-'));
  files = [join(root, '.tac8', 'lock.db'), join(root, '.git', 'tac8-lock.db')];
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'close');
  }
  rmSync(root, { recursive: true });
});

/** Another process that wants the lock, and the line that it says: `taken`, or who has it. */
async function holder(
  paths: readonly string[] = files,
  at = 0,
  trying: () => void = () => undefined,
): Promise<{ child: ChildProcess; pid: number; said: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'programs/holder.ts'), String(at), ...paths], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {},
  });
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  trying();
  const said = String((await lines.next()).value);
  return { child, pid: child.pid ?? 0, said };
}

async function killed({ child }: { child: ChildProcess }): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'close');
}

describe('the lock of a repository', () => {
  test('a second process is refused and told who has it; nobody is disturbed by looking', async () => {
    expect(lockHolder(files)).toBeNull();
    const first = await holder();
    expect(first.said).toBe('taken');
    expect(lockHolder(files)).toEqual({ pid: first.pid, since: expect.any(Number), host: hostname() });
    const second = await holder();
    expect(second.said).toMatch(`another tac8 daemon runs on this repository: process ${first.pid} on ${hostname()} since 20`);
    expect(() => takeLock(files, 1)).toThrow(LockHeldError);
  });

  test('ended in order, it leaves no note', async () => {
    const { child } = await holder();
    child.stdin?.end();
    await once(child, 'close');
    expect(lockHolder(files)).toBeNull();
    expect(readdirSync(join(root, '.tac8'))).toEqual(['lock.db']);
  });

  test('the kernel frees it when the holder is killed, whatever files are left', async () => {
    await killed(await holder());
    expect(existsSync(join(root, '.tac8', 'lock.json'))).toBe(true);
    expect(lockHolder(files)).toBeNull();
    const lock = takeLock(files, 1);
    expect(lockHolder(files)).toEqual({ pid: process.pid, since: 1, host: hostname() });
    lock.release();
  });

  test('an old note that names a live process of another kind keeps nobody out and is not believed', async () => {
    mkdirSync(join(root, '.tac8'));
    const note = JSON.stringify({ pid: 1, since: 5, host: hostname() });
    writeFileSync(join(root, '.tac8', 'lock.json'), note);
    expect(lockHolder(files)).toBeNull();
    const first = await holder();
    writeFileSync(join(root, '.tac8', 'lock.json'), note);
    expect(lockHolder(files)).toEqual({ pid: first.pid, since: null, host: hostname() });
  });

  test('of six that start at one instant, one gets it', { timeout: 60_000 }, async () => {
    for (let round = 0; round < 3; round++) {
      const at = Date.now() + 600;
      const all = await Promise.all(Array.from({ length: 6 }, () => holder(files, at)));
      const winners = all.filter(({ said }) => said === 'taken');
      expect(winners).toHaveLength(1);
      for (const { said } of all) expect(said).toMatch(/^taken$|^another tac8 daemon runs on this repository/);
      for (const winner of winners) await killed(winner);
    }
  });

  test('a process that is looking right now keeps no start out', async () => {
    takeLock(files, 1).release();
    const looking = new DatabaseSync(files[0], { readOnly: true });
    looking.exec('BEGIN; SELECT * FROM sqlite_schema');
    // Long enough for a start that does not wait to have given up.
    const { said } = await holder(files, 0, () => setTimeout(() => looking.close(), 100));
    expect(said).toBe('taken');
  });

  test.each([
    ['deleted', () => rmSync(join(root, '.tac8'), { recursive: true })],
    ['renamed', () => renameSync(join(root, '.tac8'), join(root, '.tac8-old'))],
  ])('.tac8 %s under the holder: a second is still refused, and the holder knows', async (how, remove) => {
    const lock = takeLock(files, 7);
    expect(lock.check()).toBeNull();
    remove();
    expect(lock.check()).toBe(`${files[0]} is gone: a second daemon could start here`);
    expect(lock.mayComeBack()).toBe(how === 'renamed');
    // A start beside it puts nothing in the place of what may come back.
    expect(() => lockRepository({ locks: files, state: join(root, '.tac8') })).toThrow(LockHeldError);
    expect(existsSync(join(root, '.tac8'))).toBe(false);
    expect(lockHolder(files)?.pid).toBe(process.pid);
    const second = await holder();
    expect(second.said).toContain(`process ${process.pid} on ${hostname()} since 1970-01-01T00:00:00.007Z`);
    expect(lock.check()).toBe(`${files[0]} was replaced: a second daemon may run here`);
    lock.release();
    expect((await holder()).said).toBe('taken');
  });

  describe.each([
    ['the first file', [0]],
    ['the second', [1]],
    ['both files', [0, 1]],
  ] as const)('%s', (_, places) => {
    test.each([
      ['deleted', () => undefined],
      ['replaced by words', (path: string) => writeFileSync(path, 'no database at all, but words of some length')],
      ['replaced by a named pipe', (path: string) => void spawnSync('mkfifo', [path])],
      ['replaced by a folder', (path: string) => mkdirSync(join(path, 'x'), { recursive: true })],
      ['replaced by a link', (path: string) => symlinkSync(join(root, 'elsewhere'), path)],
      ['replaced by a database', (path: string) => takeLock([path as never], 1).release()],
    ])('%s: it is locked anew, and a second is still refused', async (_how, put) => {
      const lock = takeLock(files, 7);
      for (let times = 0; times < 2; times += 1) {
        for (const place of places) {
          rmSync(files[place], { recursive: true });
          put(files[place]);
        }
        expect(lock.check()).toBeNull();
      }
      expect(lockHolder(files)?.pid).toBe(process.pid);
      expect(lockHolder([files[places[0]]])?.pid).toBe(process.pid);
      expect((await holder()).said).toContain(`process ${process.pid} on`);
      expect(existsSync(join(root, 'elsewhere'))).toBe(false);
      lock.release();
      expect((await holder()).said).toBe('taken');
    });
  });

  test('files that a second daemon has locked meanwhile are its own', async () => {
    const lock = takeLock(files, 7);
    for (const file of files) rmSync(file);
    expect((await holder()).said).toBe('taken');
    expect(lock.check()).toBe(`${files[0]} was replaced: a second daemon may run here`);
    lock.release();
  });

  test('with one place only, a deleted folder lets a second in, and the first can tell', async () => {
    const lock = takeLock([files[0]], 7);
    rmSync(join(root, '.tac8'), { recursive: true });
    const second = await holder([files[0]]);
    expect(second.said).toBe('taken');
    expect(lock.check()).toBe(`${files[0]} was replaced: a second daemon may run here`);
    lock.release();
    expect(JSON.parse(readFileSync(join(root, '.tac8', 'lock.json'), 'utf8'))).toMatchObject({ pid: second.pid });
    expect(lockHolder([files[0]])?.pid).toBe(second.pid);
  });
});
