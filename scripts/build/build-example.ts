import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSqliteStore } from '../../src/adapters/store/sqlite/sqlite.ts';
import { CLAUDE } from '../../src/agents/claude/abilities.ts';
import { EMPTY_STREAM, type Run } from '../../src/core/model/run.ts';
import type { Task } from '../../src/core/model/task.ts';

const FILES = {
  'tac8.yaml': 'label: rpi-auto\nmax_concurrent_workers: 2\nagent: { kind: command, command: [my-agent] }\nlimits: { silence: 10h }\n',
  'tasks.md': '# Tasks\n\n## Pending\n[] Tidy the examples folder {p1}\n[⏰] Wait\n',
};

/** Makes a repository with a bit of everything in an empty folder: settings, a board, tasks in each state, a worktree with a change. */
export function makeExample(root: string, env: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(root, name), text);
  const git = (...args: string[]): void => void execFileSync('git', args, { cwd: root, env, stdio: 'pipe', timeout: 60_000 });
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('-c', 'user.name=Build', '-c', 'user.email=build@localhost', 'commit', '--quiet', '--message=First');
  git('worktree', 'add', '--quiet', '-b', 'auto/local-1', 'trees/local-1');
  writeFileSync(join(root, 'trees/local-1/new.txt'), 'new\n');
  mkdirSync(join(root, '.tac8'));
  const store = openSqliteStore({ path: join(root, '.tac8/tac8.db') });
  const { tasks, runs } = documents(Date.now());
  store.commit({ tasks: tasks.map((next) => ({ next, expected: null })), runs: runs.map((next) => ({ next, expected: null })) });
  store.close();
}

function documents(now: number): { readonly tasks: readonly Task[]; readonly runs: readonly Run[] } {
  const addedAt = now - 90_000;
  const task = {
    priority: 2,
    labels: [],
    addedAt,
    armedBy: 'person',
    order: null,
    attempts: 1,
    runs: 1,
    pull: null,
    pausedAt: null,
    version: 1,
  };
  const run = {
    attempt: 1,
    createdAt: addedAt,
    session: '11111111-1111-4111-8111-111111111111',
    resumes: null,
    wanted: null,
    inputEnded: false,
  };
  const more = { agent: { kind: 'claude', can: CLAUDE, model: null }, stream: EMPTY_STREAM, settlement: {}, problem: null, version: 1 };
  const times = { baseCommit: null, startedAt: addedAt };
  const named = (n: number) => ({ id: `local-${n}`, title: `Task ${n}`, branch: `auto/local-${n}` }) as const;
  const process = { pid: 4_000_000, startTime: 99, bootId: 'boot', containment: { kind: 'sweep' } } as const;
  const end = { endedAt: now, exit: { code: 0, at: now }, rebooted: false, cause: null, failedStart: null };
  const failure = { type: 'crash', message: 'gone', at: now } as const;
  return {
    tasks: [
      { ...task, ...named(1), state: 'active', run: 'w-000001', startedAt: addedAt, last: null },
      { ...task, ...named(2), state: 'failed', run: 'w-000002', at: now, failure },
      { ...task, ...named(3), state: 'pending', retryAt: null, last: null, resume: null },
    ] as readonly Task[],
    runs: [
      { ...run, ...more, ...times, id: 'w-000001', task: 'local-1', state: 'running', process },
      { ...run, ...more, ...times, ...end, id: 'w-000002', task: 'local-2', state: 'settled' },
    ] as readonly Run[],
  };
}
