import { describe, expect, test } from 'vitest';
import { active, failed, pending, running } from '../../../test/support/world/world.ts';
import type { Finding } from '../finding/finding.ts';
import { about, runChecks } from '../finding/finding.ts';
import { checkClock, checkDisk, checkMemory } from '../finding/room.ts';
import { checkConfig, checkTemplate } from '../project/configuration.ts';
import { checkContainment, checkNode } from '../project/machine.ts';
import { checkSandbox } from '../project/sandbox.ts';
import { judgeAside, judgeDaemon, judgeLocks, judgePrivacy, judgeRuns, judgeSaved, judgeStore, judgeTrees } from './leftovers.ts';

const GIB = 1024 ** 3;
const levels = (findings: readonly Finding[]): readonly string[] => findings.map(({ check, level }) => `${check} ${level}`);
const done = async (): Promise<string> => 'done';

describe('a check', () => {
  test('that takes too long, or fails, is unknown and says why; the others are not kept waiting', async () => {
    const never = new Promise<readonly Finding[]>(() => undefined);
    const { ok } = about('fine', 'why');
    const found = await runChecks([
      { name: 'slow', limit: 20, look: () => never },
      { name: 'broken', look: () => Promise.reject(new Error('it broke')) },
      { name: 'fine', look: async () => [ok('it is')] },
    ]);
    expect(levels(found)).toEqual(['slow unknown', 'broken unknown', 'fine ok']);
    expect(found.map(({ says }) => says)).toEqual(['no answer within 0.02 s', 'it broke', 'it is']);
  });
});

describe('the machine', () => {
  test.each([
    ['20.11.0', true, 'bad'],
    ['22.17.9', true, 'bad'],
    ['22.18.0', true, 'ok'],
    ['24.1.0', true, 'ok'],
    ['24.1.0', false, 'bad'],
  ])('Node %s (SQLite: %s) is %s', (found, sqlite, level) => {
    expect(checkNode(found, sqlite)[0]?.level).toBe(level);
  });

  test.each([
    ['cgroup', 'ok'],
    ['pidns', 'ok'],
    ['sweep', 'warn'],
  ] as const)('containment %s is %s', (kind, level) => {
    expect(checkContainment(() => ({ kind, why: 'so' }))[0]?.level).toBe(level);
  });

  test.each([
    [{ kind: 'none', chosen: false }, 'warn', 'reach every host'],
    [{ kind: 'none', chosen: true }, 'ok', 'as tac8.yaml says'],
    [{ kind: 'refused', why: 'bubblewrap is not installed' }, 'bad', 'no worker starts: bubblewrap is not installed'],
  ] as const)('a sandbox that is %o is %s', async (choice, level, says) => {
    expect((await checkSandbox(() => choice, null))[0]).toMatchObject({ level, says: expect.stringContaining(says) });
  });

  test.each([
    [{ out: ['git: a hook'], idle: [], rare: [] }, 'bad', '1 of 15 ways out of a worker’s sandbox lead out: git: a hook'],
    [{ out: [], idle: ['git: a hook'], rare: [] }, 'unknown', 'do nothing outside either'],
    [{ out: [], idle: [], rare: ['calls: keyctl'] }, 'ok', 'none led out (14 of them lead somewhere without one)'],
  ] as const)('ways out of it that came to %o are %s', async (outcome, level, says) => {
    const [, tried] = await checkSandbox(
      () => ({
        kind: 'bwrap',
        image: null,
        profile: {
          ...{ kind: 'auto', image: null, npm: false, hosts: [], logins: [], private: [], read: [], write: [], env: [], nested: false },
          ...{ setup: null, verify: null },
        },
      }),
      async () => ({ attempts: 15, ...outcome }),
    );
    expect(tried).toMatchObject({ level, says: expect.stringContaining(says) });
  });

  test('without what no run can do without, nothing goes', () => {
    expect(
      checkContainment(() => {
        throw new Error('no setsid');
      })[0],
    ).toMatchObject({ level: 'bad', says: 'no setsid' });
  });

  test('room is measured against the limits', () => {
    const disk = { type: 0xef53, freeBytes: 10 * GIB, freeFiles: null };
    expect(levels(checkDisk(disk, '/r', 2 * GIB))).toEqual(['disk ok']);
    expect(levels(checkDisk({ ...disk, freeBytes: 3 * GIB }, '/r', 2 * GIB))).toEqual(['disk warn']);
    expect(levels(checkDisk({ ...disk, freeBytes: GIB, freeFiles: 12 }, '/r', 2 * GIB))).toEqual(['disk bad', 'disk warn']);
    expect(levels(checkDisk({ ...disk, type: 0x6969 }, '/r', GIB))).toEqual(['disk ok', 'file-system warn']);
    expect(levels(checkDisk({ ...disk, type: -11317950 }, '/r', GIB))).toEqual(['disk ok', 'file-system warn']);
    expect(levels(checkMemory(GIB, 2 * GIB))).toEqual(['memory warn']);
  });

  test.each([
    [null, 'unknown'],
    [900, 'ok'],
    [-900, 'ok'],
    [60_000, 'warn'],
    [-60_000, 'warn'],
    [3_600_000, 'bad'],
  ])('a clock that is off by %s ms is %s', (offset, level) => {
    expect(checkClock(offset)[0]?.level).toBe(level);
  });
});

describe('the configuration', () => {
  test('each problem has its place', () => {
    expect(checkConfig([{ path: 'label', line: 2, column: 8, message: 'is empty' }], true)[0]).toMatchObject({
      level: 'bad',
      says: 'tac8.yaml:2:8: label: is empty',
    });
    expect(levels(checkConfig(null, false))).toEqual(['config warn']);
  });

  test('a template that works for issues alone is told apart', () => {
    const render = (withIssue: boolean): void => {
      if (!withIssue) throw new Error('undefined variable: issue.number');
    };
    expect(checkTemplate(render, true, ['task.id'])[0]).toMatchObject({
      level: 'bad',
      says: expect.stringContaining('a task of tasks.md'),
    });
  });
});

describe('live runs', () => {
  const live = { run: 'w-000001', task: 'gh-1', pid: 42, members: 2 } as const;
  const known = (run: ReturnType<typeof running> | null, task: ReturnType<typeof pending> | null) => ({ run: () => run, task: () => task });
  const over = { ...running('w-000001', 'gh-1'), state: 'settled' } as unknown as ReturnType<typeof running>;

  test.each([
    ['known, a daemon runs', known(running('w-000001', 'gh-1'), active('gh-1', 'w-000001')), true, 'ok', false],
    ['known, no daemon', known(running('w-000001', 'gh-1'), active('gh-1', 'w-000001')), false, 'warn', false],
    ['not known, to be taken up', known(null, null), false, 'warn', false],
    ['not known, its task waits', known(null, pending('gh-1')), true, 'ok', false],
    ['its run is over', known(over, null), true, 'warn', true],
    ['another run is at work', known(null, active('gh-1', 'w-000002')), false, 'warn', true],
    ['its task has failed', known(null, failed('gh-1')), false, 'warn', true],
  ])('%s', (_, store, hasDaemon, level, hasFix) => {
    const [found] = judgeRuns([live], store, hasDaemon, done);
    expect(found).toMatchObject({ check: 'orphans', level });
    expect(found?.fix !== null).toBe(hasFix);
  });

  test('none is fine', () => {
    expect(levels(judgeRuns([], known(null, null), false, done))).toEqual(['orphans ok']);
  });
});

describe('what is left over', () => {
  test('a lock is moved aside only while no git runs', () => {
    const lock = { path: '/r/.git/index.lock', age: 3_600_000 };
    expect(judgeLocks([lock], false, done)[0]).toMatchObject({ level: 'warn', fix: { what: 'move /r/.git/index.lock aside' } });
    expect(judgeLocks([lock], true, done)[0]).toMatchObject({ level: 'unknown', fix: null });
    expect(levels(judgeLocks([], true, done))).toEqual(['git-locks ok']);
  });

  test('a damaged database can be moved aside only while no daemon runs; another failure is not taken for damage', () => {
    const damaged = { message: 'x.db: the database is damaged (SQLite: malformed)', hint: 'keep it' };
    expect(judgeStore('x.db', true, damaged, done)[0]?.fix?.what).toContain('aside');
    expect(judgeStore('x.db', true, damaged, null)[0]?.fix).toBeNull();
    expect(judgeStore('x.db', true, { message: 'x.db is newer', hint: '' }, done)[0]).toMatchObject({ level: 'bad', fix: null });
    expect(levels(judgeStore('x.db', false, null, null))).toEqual(['database ok']);
  });

  test('worktrees, snapshots, the board and the folder are told with what mends them', () => {
    const kept = [{ what: 'trees/gh-9', why: 'no task of this name is known' }];
    expect(levels(judgeTrees(['remove-tree gh-1'], kept, ['trees/notes'], false))).toEqual(['worktrees warn', 'foreign-files warn']);
    expect(levels(judgeTrees(['remove-tree gh-1'], [], [], true))).toEqual(['worktrees ok', 'foreign-files ok']);
    expect(judgeSaved([{ task: 'gh-1', at: 0 }], 3 * 86_400_000)[0]?.says).toBe('1 snapshot of 1 task, the oldest 3 days old');
    const trace = { pid: 7, trouble: 'disk full', held: 'emptied', problems: ['line 3: what?'], requests: 2, alarms: ['src/a.ts'] };
    expect(levels(judgeDaemon(trace))).toEqual(['daemon bad', 'board warn', 'board warn', 'main-checkout warn']);
    expect(levels(judgeDaemon({ ...trace, pid: null, trouble: null, held: null, problems: [], alarms: [] }))).toEqual([
      'daemon ok',
      'daemon warn',
    ]);
    expect(levels([...judgePrivacy('/s', 0o40755, done), ...judgePrivacy('/s', 0o40700, done)])).toEqual(['privacy warn', 'privacy ok']);
  });

  test('what was moved aside is named, newest first; a name that a worker made does nothing to a terminal', () => {
    expect(judgeAside([], [])).toEqual([expect.objectContaining({ check: 'aside', level: 'ok' })]);
    const things = [
      { path: '/r/.tac8/aside/git-config-2026', at: 1 },
      { path: '/r/.tac8/aside/\u001b[2J`x`\n', at: 3 },
    ];
    const [found] = judgeAside(things, ['/r/.tac8/aside']);
    expect(found).toMatchObject({ level: 'warn', says: '2 things lie in /r/.tac8/aside: ??2J?x??, git-config-2026' });
  });
});
