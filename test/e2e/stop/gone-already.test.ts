import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Daemon, type TaskStatus, type Workplace, workplace } from '../../support/world/daemon.ts';

/** Never ends by itself, and minds no working directory that is gone; with `end` there it commits and is done. */
const AGENT = `
echo 'words' >work.txt
while [ ! -e "$1/end" ]; do sleep 0.05; done
git add -A && git commit -qm 'all of it'
`;

interface Scene {
  readonly place: Workplace;
  readonly daemon: Daemon;
  readonly task: string;
  readonly tree: string;
  look(): Promise<TaskStatus | undefined>;
  /** Waits for a live worker with its work begun. */
  working(): Promise<TaskStatus>;
}

async function scene(context: Parameters<typeof workplace>[0]): Promise<Scene> {
  const place = await workplace(context);
  place.configure({ agent: place.agent(AGENT) });
  const task = `gh-${place.issue('Write words')}`;
  const daemon = place.start();
  const tree = join(place.root, 'trees', task);
  const look = async () => (await place.status()).tasks.find(({ id }) => id === task);
  const working = () =>
    place.until('a worker at work', async () => {
      const found = await look();
      return found?.run?.state === 'running' && existsSync(join(tree, 'work.txt')) ? found : null;
    }) as Promise<TaskStatus>;
  return { place, daemon, task, tree, look, working };
}

const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`);

test.for(['stop', 'kill', 'cancel'])(
  '%s works when the worktree and the run folder are gone under the worker; retry makes them anew',
  { timeout: 120_000 },
  async (verb, context) => {
    const { place, daemon, task, tree, look, working } = await scene(context);
    const { run } = await working();
    rmSync(tree, { recursive: true });
    rmSync(join(place.root, '.tac8/runs', run?.id ?? 'none'), { recursive: true });
    const ended = await place.tac8(verb, task);
    expect(ended, ended.err).toMatchObject({ code: 0 });
    expect(isAlive(run?.pid ?? 0)).toBe(false);
    expect(place.strays()).toEqual([]);
    expect(await look()).toMatchObject({ state: 'failed' });
    // Nothing runs any more: each verb says so, at once.
    for (const again of ['stop', 'kill']) expect((await place.tac8(again, task)).code).toBe(5);
    writeFileSync(join(place.notes, 'end'), '');
    const retried = await place.tac8('retry', task);
    expect(retried, retried.err).toMatchObject({ code: 0 });
    await place.until('the pull', () => place.board().includes('- PR: #'));
    expect((await daemon.end('SIGTERM')).code).toBe(0);
  },
);

test('retry --continue and restore, the worktree being gone; clean forgets what is left of it', { timeout: 120_000 }, async (context) => {
  const { place, daemon, task, tree, working } = await scene(context);
  await working();
  expect((await place.tac8('kill', task)).code).toBe(0);
  await place.until('the end', () => place.board().includes('## Failed\n[❌'));
  rmSync(tree, { recursive: true });
  const back = await place.tac8('restore', task);
  expect(back, back.err).toMatchObject({ code: 0 });
  expect(existsSync(join(tree, 'work.txt'))).toBe(true);
  rmSync(tree, { recursive: true });
  writeFileSync(join(place.notes, 'end'), '');
  const retried = await place.tac8('retry', task, '--continue');
  expect(retried, retried.err).toMatchObject({ code: 0 });
  await place.until('the pull', () => place.board().includes('- PR: #'));
  expect((await daemon.end('SIGTERM')).code).toBe(0);
  rmSync(tree, { recursive: true });
  place.configure({ worktrees: { keep_completed: '0s' } });
  const cleaned = await place.tac8('clean', '--apply');
  expect(cleaned, cleaned.err).toMatchObject({ code: 0, out: expect.stringContaining(`worktree trees/${task}`) });
  expect(place.repo.git(['worktree', 'list'])).not.toContain(task);
});

test('a process that was killed from outside is ended already: stop finds nothing to stop', { timeout: 120_000 }, async (context) => {
  const { place, daemon, task, look, working } = await scene(context);
  place.configure({ agent: place.agent(AGENT), limits: { min_free_memory: '16MiB', min_free_disk: '16MiB', attempts: 1 } });
  const { run } = await working();
  process.kill(run?.pid ?? 0, 'SIGKILL');
  const stopped = await place.tac8('stop', task);
  expect([0, 5]).toContain(stopped.code);
  await place.until('its end', async () => (await look())?.run?.state !== 'running');
  expect(place.strays()).toEqual([]);
  const cancelled = await place.tac8('cancel', task);
  expect([0, 5]).toContain(cancelled.code);
  expect((await look())?.state).not.toBe('active');
  expect((await daemon.end('SIGTERM')).code).toBe(0);
});
