import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type TestContext, test } from 'vitest';
import { stringify } from 'yaml';
import { composeDaemon, composeTexts } from '../../src/compose/daemon.ts';
import type { HistoryEntry } from '../../src/core/model/records.ts';
import { openProject } from '../../src/place/project.ts';
import { makeGitRepo } from '../support/git/git-repo.ts';
import { environment } from '../support/world/daemon.ts';
import { until } from '../support/world/program.ts';

/** A repository with an agent that writes `mark`, and a daemon on it in this very process. */
async function daemonOn(context: TestContext, mark: string) {
  const repo = makeGitRepo();
  context.onTestFinished(() => repo.remove());
  const { root, home } = repo;
  const script = join(home, 'agent.sh');
  writeFileSync(script, `echo ${mark} >mark.txt && git add -A && git commit -qm "work of ${mark}"\n`);
  const settings = {
    agent: { kind: 'command', command: ['/bin/sh', script] },
    max_concurrent_workers: 1,
    limits: { min_free_memory: '16MiB', min_free_disk: '16MiB' },
  };
  writeFileSync(join(root, 'tac8.yaml'), stringify(settings));
  writeFileSync(join(root, 'tasks.md'), `# Tasks\n\n## Pending\n\n- [ ] ${mark} first\n- [ ] ${mark} second\n`);
  const env = environment(home, { TAC8_SIDE: mark });
  const project = await openProject(root, env);
  mkdirSync(project.state, { recursive: true });
  const happened: HistoryEntry[] = [];
  const daemon = composeDaemon({ project, env, texts: composeTexts(), onHistory: (entries) => happened.push(...entries) });
  context.onTestFinished(() => daemon.close());
  await daemon.ports.workspaces.prepareRepository();
  await daemon.countOn();
  const events = (of: string): readonly string[] => happened.flatMap(({ task, event }) => (event === of && task !== null ? [task] : []));
  return { ...daemon, repo, root, events };
}

test('two engines in one process work on two repositories, and neither sees the other', { timeout: 120_000 }, async (context) => {
  const before = { cwd: process.cwd(), env: { ...process.env } };
  const north = await daemonOn(context, 'north');
  const south = await daemonOn(context, 'south');
  // What holds for one fleet holds for that fleet alone.
  south.store.ask({ verb: 'pause', task: null, args: {}, at: Date.now() });
  south.engine.wake();
  const ended = [north.engine.run(), south.engine.run()];
  await until('north has done both', () => north.events('settled').length === 2, { within: 60_000, every: 25, why: () => 'it has not' });
  expect(south.events('started')).toEqual([]);
  south.store.ask({ verb: 'resume', task: null, args: {}, at: Date.now() });
  south.engine.wake();
  await until('south has done both', () => south.events('settled').length === 2, { within: 60_000, every: 25, why: () => 'it has not' });
  for (const { engine } of [north, south]) engine.leaveWhenQuiet();
  expect(await Promise.all(ended)).toEqual([[], []]);

  for (const [mark, side] of Object.entries({ north, south })) {
    // The same ids on both sides, each with its own title, work and line.
    const tasks = side.store.tasks(['local-1', 'local-2']);
    expect(tasks.map(({ state, title }) => [state, title])).toEqual([
      ['completed', `${mark} first`],
      ['completed', `${mark} second`],
    ]);
    for (const { branch } of tasks) expect(side.repo.git(['show', `${branch}:mark.txt`])).toBe(mark);
    expect(readFileSync(join(side.root, 'tasks.md'), 'utf8')).not.toContain(mark === 'north' ? 'south' : 'north');
  }
  expect({ cwd: process.cwd(), env: { ...process.env } }).toEqual(before);
});
