import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Agent, createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEgress, running } from '../../../src/adapters/egress/egress.ts';
import { createPrivateGit } from '../../../src/adapters/git/private/private.ts';
import { readInBox } from '../../../src/adapters/process/box/reading.ts';
import { ownProgram } from '../../../src/place/own-files.ts';
import { inMs, inTurns, quantile, runTimed, sampleOf, until } from '../../measure.ts';
import type { Bench, Figure } from '../../row.ts';
import { manyFiles } from '../../world/source.ts';
import { addTasks, createWorld, type World } from '../../world/world.ts';
import { AGENT, labelledStart } from './label-to-agent.ts';

const FILES = 500;
const RUNS = 5;
const WORKERS = 50;
const EACH = 20;
/** An agent asks its model once in some seconds: this is several times as much. */
const EVERY_MS = 250;
const MIB = 1024 ** 2;

/** What the box around a worker costs, against the same without it. */
export async function sandbox(bench: Bench): Promise<readonly Figure[]> {
  return [...(await starts(bench)), await memory(bench), await takeOver(bench), await wayOut(bench)];
}

const settingsOf = (kind: 'bwrap' | 'none', agent: readonly string[], workers: number): string =>
  `poll_interval: 1s\nmax_concurrent_workers: ${workers}\nlimits: { start_gap: 0s, load_per_core: 1000 }\nsandbox: { kind: ${kind} }\nagent: { kind: command, command: ${JSON.stringify(agent)} }\n`;

async function starts(bench: Bench): Promise<readonly Figure[]> {
  const make = (kind: 'bwrap' | 'none') =>
    createWorld(bench, { name: `start-${kind}`, settings: settingsOf(kind, AGENT, 1), files: manyFiles(FILES), forge: true });
  const worlds: Record<'boxed' | 'plain', World> = { boxed: await make('bwrap'), plain: await make('none') };
  try {
    const daemons = { boxed: await worlds.boxed.start(), plain: await worlds.plain.start() };
    // The first worker starts the way out of all.
    await labelledStart(worlds.boxed, daemons.boxed, []);
    const { boxed, plain, node } = await inTurns(Math.min(10, bench.rounds), {
      boxed: () => labelledStart(worlds.boxed, daemons.boxed, []),
      plain: () => labelledStart(worlds.plain, daemons.plain, []),
      node: async () => (await runTimed([bench.node, '-e', '0'], { cwd: bench.dir, env: bench.env })).wall,
    });
    const how = `from the forge’s answer with the label to the agent’s own clock, worktree of ${FILES} files included, in turns, median`;
    return [
      {
        ...{ name: 'label seen → agent exec’d in the sandbox', value: boxed.median, unit: 'ms', shown: inMs(boxed), how },
        yardstick: { what: 'the same without a sandbox', value: plain.median },
        bound: { kind: 'ratio', most: 1.3 },
      },
      {
        ...{ name: 'what the sandbox adds to a start', value: Math.max(0, boxed.median - plain.median), unit: 'ms', how },
        yardstick: { what: '`node -e 0`', value: node.median },
        bound: { kind: 'ratio', most: 4 },
      },
    ];
  } finally {
    await worlds.boxed.close();
    await worlds.plain.close();
    endWayOut(join(worlds.boxed.root, '.tac8/egress'));
  }
}

async function memory(bench: Bench): Promise<Figure> {
  const [boxed, plain] = [await memoryOf(bench, 'bwrap'), await memoryOf(bench, 'none')];
  return {
    ...{ name: 'the sandbox of a worker, memory', value: (boxed - plain) / MIB, unit: 'MiB', bound: { kind: 'value', most: 8 } },
    how: `PSS of all processes of a run, the median of ${RUNS} in the sandbox less that of ${RUNS} without one`,
  };
}

async function memoryOf(bench: Bench, kind: 'bwrap' | 'none'): Promise<number> {
  const agent = ['/bin/sh', '-c', 'cat >/dev/null; echo up; exec sleep 600'];
  const world = await createWorld(bench, { name: `memory-${kind}`, settings: settingsOf(kind, agent, RUNS) });
  try {
    await world.start();
    const board = join(world.root, 'tasks.md');
    const text = await until('a board', () => readFileSync(board, 'utf8'));
    const titles = Array.from({ length: RUNS }, (_, n) => `Wait ${n + 1}`);
    writeFileSync(`${board}~`, addTasks(text, titles));
    renameSync(`${board}~`, board);
    const runs = join(world.root, '.tac8/runs');
    const parents = await until('all at work', () => {
      const logs = readdirSync(join(world.root, 'logs')).filter((name) => /\.w-[0-9a-f]{6}\.jsonl$/.test(name));
      const up = logs.filter((name) => readFileSync(join(world.root, 'logs', name), 'utf8').includes('up'));
      if (up.length < RUNS) return null;
      return readdirSync(runs)
        .filter((name) => /^w-[0-9a-f]{6}$/.test(name))
        .map((name) => Number.parseInt(readFileSync(join(runs, name, 'launched'), 'utf8'), 10));
    });
    return sampleOf(parents.map((pid) => familyOf(pid).reduce((sum, one) => sum + sharedBytes(one), 0))).median;
  } finally {
    await world.close();
    endWayOut(join(world.root, '.tac8/egress'));
  }
}

const familyOf = (pid: number): readonly number[] => {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  return [pid, ...children.flatMap(familyOf)];
};
const sharedBytes = (pid: number): number =>
  Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) * 1024;

/** A commit that a worker made, taken over by the daemon's own code, against a fetch of the same. */
async function takeOver(bench: Bench): Promise<Figure> {
  const root = join(bench.dir, 'take-over');
  const tree = join(root, 'trees/gh-1');
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@localhost'];
  const git = (cwd: string, ...args: readonly string[]): string =>
    execFileSync('git', [...who, ...args], { cwd, env: bench.env, encoding: 'utf8' });
  mkdirSync(root);
  git(root, 'init', '-q', '-b', 'main');
  for (const [name, text] of Object.entries(manyFiles(FILES))) {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  git(root, 'add', '-A');
  git(root, 'commit', '-qm', 'first');
  git(root, 'worktree', 'add', '-q', '-b', 'auto/gh-1', tree);
  writeFileSync(join(root, 'tac8.yaml'), 'sandbox: { kind: bwrap }\nagent: { kind: command, command: [/bin/sh] }\n');
  git(bench.dir, 'clone', '-q', '--bare', root, 'fetched.git');
  const box = createPrivateGit({ root, dir: 'trees', branchPrefix: 'auto/', gitTimeoutMs: () => 60_000, read: readInBox });
  let count = 0;
  try {
    const { taken, fetched } = await inTurns(Math.min(10, bench.rounds), {
      taken: async () => {
        count += 1;
        const commit = `for n in 1 2 3 4 5; do echo ${count} >file$n; done; git add -A; git -c user.name=w -c user.email=w@localhost commit -qm ${count}`;
        await runTimed([bench.tac8, 'sandbox', 'try', '--task', 'gh-1', '--', '/bin/sh', '-c', commit], { cwd: root, env: bench.env });
        const from = performance.now();
        await box.take('gh-1', true);
        const took = performance.now() - from;
        if (git(root, 'log', '-1', '--format=%s', 'auto/gh-1').trim() !== String(count)) throw new Error('the commit did not come over');
        return took;
      },
      fetched: async () =>
        (await runTimed(['git', 'fetch', '-q', root, 'auto/gh-1'], { cwd: join(bench.dir, 'fetched.git'), env: bench.env })).wall,
    });
    return {
      ...{ name: 'a commit taken over from a sandbox', value: taken.median, unit: 'ms', shown: inMs(taken) },
      yardstick: { what: '`git fetch` of the same', value: fetched.median },
      bound: { kind: 'ratio', most: 4 },
      how: `five files, read in a box of its own, every id computed anew, in a repository of ${FILES} files, in turns, median`,
    };
  } finally {
    endWayOut(join(root, '.tac8/egress'));
  }
}

async function wayOut(bench: Bench): Promise<Figure> {
  const dir = join(bench.dir, 'way-out');
  for (const path of [dir, join(bench.dir, 'runs')]) mkdirSync(path);
  const service = createServer((asked, answer) => {
    asked.resume();
    answer.end('{}');
  });
  service.listen(0, '127.0.0.1');
  await once(service, 'listening');
  const { port } = service.address() as AddressInfo;
  const route = { prefix: '/model', to: `http://127.0.0.1:${port}`, header: 'x-api-key', before: '', value: 'key', file: null };
  const egress = createEgress({
    ...{
      dir,
      runsDir: join(bench.dir, 'runs'),
      program: ownProgram('egress/main'),
      routes: [route],
      logins: [],
      trust: { all: [], more: [] },
    },
    ...{ hosts: [], private: [], replaces: true, env: {} },
  });
  try {
    const sockets: string[] = [];
    for (let n = 0; n < WORKERS; n++) {
      mkdirSync(join(bench.dir, 'runs', `w-${n}`));
      sockets.push(join(await egress.open(`w-${n}`, `gh-${n}`), 's'));
    }
    // What asks runs its code for the first time here, not in what is measured.
    await times(EACH, { port }, 0);
    const all = (to: (n: number) => object) => Promise.all(sockets.map((_, n) => times(EACH, to(n), n)));
    const { through, direct } = { through: await all((n) => ({ socketPath: sockets[n] })), direct: await all(() => ({ port })) };
    const p95 = (found: readonly (readonly number[])[]): number => quantile(sampleOf(found.flat()), 0.95);
    return {
      ...{
        name: `a request of ${WORKERS} workers at once, through one way out, p95`,
        value: Math.max(0, p95(through) - p95(direct)),
        unit: 'ms',
      },
      bound: { kind: 'value', most: 10 },
      how: `${EACH} requests of each, one in ${EVERY_MS} ms, by the model’s route, less the same straight to the service (${p95(direct).toFixed(1)} ms)`,
    };
  } finally {
    endWayOut(dir);
    closeServer(service);
  }
}

async function times(count: number, to: object, turn: number): Promise<readonly number[]> {
  await sleep((EVERY_MS * turn) / WORKERS);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const found: number[] = [];
  for (let n = 0; n < count; n++) {
    const from = performance.now();
    await ask({ ...to, agent });
    found.push(performance.now() - from);
    await sleep(Math.max(0, EVERY_MS - (performance.now() - from)));
  }
  agent.destroy();
  return found;
}

const ask = (to: object & { readonly agent: Agent }): Promise<void> =>
  new Promise((resolve, reject) => {
    const body = 'x'.repeat(2000);
    const asked = request({ host: '127.0.0.1', ...to, path: '/model/v1/messages', method: 'POST' }, (answer) => {
      answer.resume();
      answer.once('end', resolve);
    });
    asked.once('error', reject);
    asked.end(body);
  });

function endWayOut(dir: string): void {
  const there = running(dir);
  if (there !== null) process.kill(there.pid, 'SIGKILL');
}

function closeServer(server: Server): void {
  server.closeAllConnections();
  server.close();
}
