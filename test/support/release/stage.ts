import { spawn } from 'node:child_process';
import { closeSync, cpSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TestContext } from 'vitest';
import { type Workplace, workplace } from '../world/daemon.ts';
import { until } from '../world/program.ts';
import { type KeptFacts, PLACES, RELEASES } from './kept.ts';

const DAY = 86_400_000;

export interface Staged {
  readonly place: Workplace;
  /** The workers that live, by their tasks. */
  readonly live: ReadonlyMap<string, { readonly run: string; readonly pid: number }>;
}

/**
 * A workplace as a release left it a moment ago: its checkout, its database, its forge, and its workers, started by its own parent script.
 * Nothing of today's program has touched it.
 */
export async function stageRelease(context: Pick<TestContext, 'onTestFinished'>, version: string): Promise<Staged> {
  const kept = join(RELEASES, version);
  const facts = JSON.parse(readFileSync(join(kept, 'facts.json'), 'utf8')) as KeptFacts;
  const before = (home: string): void => {
    mkdirSync(join(home, 'forge'));
    cpSync(join(kept, 'forge/state.json'), join(home, 'forge/state.json'));
  };
  const place = await workplace(context, { before });
  const { home, root, fake, repo } = place;
  const here = (text: string): string =>
    text
      .replaceAll(PLACES.home, home)
      .replaceAll(PLACES.forge, fake.url)
      .replaceAll(PLACES.path, place.env.PATH ?? '');
  const lay = (from: string, to: string): void => {
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, here(readFileSync(join(kept, from), 'utf8')));
  };
  repo.git(['fetch', '--quiet', '--update-head-ok', join(kept, 'forge.bundle'), '+refs/*:refs/*'], fake.bare);
  repo.git(['fetch', '--quiet', '--update-head-ok', join(kept, 'checkout.bundle'), '+refs/*:refs/*']);
  repo.git(['reset', '--quiet', '--hard', 'main']);
  const trees = JSON.parse(readFileSync(join(kept, 'worktrees.json'), 'utf8')) as { path: string; branch: string }[];
  for (const { path, branch } of trees) repo.git(['worktree', 'add', '--quiet', path, branch]);
  for (const path of filesBelow(join(kept, 'checkout'))) lay(join('checkout', path), join(root, path));
  lay('agent.sh', join(home, 'agent.sh'));
  const live = new Map<string, { run: string; pid: number }>();
  const identities: { run: string; process: object }[] = [];
  for (const { run, environment } of facts.live) {
    const started = await startWorker(join(root, '.tac8/runs', run), here, environment);
    live.set(started.task, { run, pid: started.process.pid });
    identities.push({ run, process: started.process });
  }
  makeDatabase(join(root, '.tac8/tac8.db'), here(readFileSync(join(kept, 'database.sql'), 'utf8')), facts.at, identities);
  return { place, live };
}

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));

/** By the release's own parent script. Held together by the marker alone, which every machine has. */
async function startWorker(folder: string, here: (text: string) => string, kept: Readonly<Record<string, string>>) {
  const launch = join(folder, 'launch');
  const text = readFileSync(launch, 'utf8')
    .replace(/^tac8__kind='.*'$/m, "tac8__kind='sweep'")
    .replace(/^tac8__cgroup='.*'$/m, "tac8__cgroup=''");
  writeFileSync(launch, text);
  const task = /^tac8__task='(.*)'$/m.exec(text)?.[1] ?? '';
  symlinkSync(/^tac8__cwd='(.*)'$/m.exec(text)?.[1] ?? '', join(folder, 'tree'));
  const env = Object.fromEntries(Object.entries(kept).map(([name, value]) => [name, here(value)]));
  for (const value of Object.values(env)) if (value.startsWith('HOME=')) mkdirSync(value.slice('HOME='.length), { recursive: true });
  const errors = openSync(join(folder, 'parent.err'), 'a');
  const parent = spawn('/bin/sh', ['./parent'], { cwd: folder, env, detached: true, stdio: ['ignore', 'ignore', errors] });
  parent.unref();
  closeSync(errors);
  const path = join(folder, 'pid');
  const said = await until(`the worker of ${task}`, () => existsSync(path) && /^.*\n/.exec(readFileSync(path, 'utf8'))?.[0], {
    why: () => readFileSync(join(folder, 'parent.err'), 'utf8'),
  });
  const [pid, startTime, bootId = ''] = said.trim().split(' ');
  return { task, process: { pid: Number(pid), startTime: Number(startTime), bootId, containment: { kind: 'sweep' } } };
}

/** As it was kept, its times moved to now, and its live runs at the processes that live. */
function makeDatabase(path: string, sql: string, at: number, live: readonly { readonly run: string; readonly process: object }[]): void {
  const later = Date.now() - at;
  const db = new DatabaseSync(path);
  try {
    db.exec(sql.replaceAll(/\b\d{13}\b/g, (time) => (Math.abs(Number(time) - at) < DAY ? String(Number(time) + later) : time)));
    const move = db.prepare("UPDATE runs SET doc = json_set(doc, '$.process', json(?)) WHERE id = ?");
    for (const { run, process } of live) move.run(JSON.stringify(process), run);
  } finally {
    db.close();
  }
}
