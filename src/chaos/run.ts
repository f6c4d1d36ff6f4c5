import { randomBytes, randomInt } from 'node:crypto';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from '../demo/ground/child.ts';
import { type DemoFolder, takeFolder } from '../demo/ground/folder.ts';
import { createGit } from '../demo/ground/git.ts';
import { endMarked } from '../demo/ground/process-table.ts';
import { startDaemon } from '../demo/world/daemon.ts';
import { bareEnvironment, daemonEnvironment } from '../demo/world/environment.ts';
import { type DemoForge, startForge } from '../demo/world/forge.ts';
import { listenForTheEnd } from '../demo/world/leave.ts';
import { POSTGRES_VARIABLE } from '../demo/world/runners.ts';
import { addPeople, connectRepository, makeRepository } from '../demo/world/world.ts';
import { judgeFolder } from './judge/judge.ts';
import { type Fleet, startFleet } from './machines/fleet.ts';
import { playFleet } from './machines/play.ts';
import { type Attack, doMischief, liveAgents } from './mischief/mischief.ts';
import { type ChaosResult, resultText, summarise } from './report.ts';
import { callWitness, type WitnessCalled } from './witness/witness-call.ts';
import { mountSmallDisk, type SmallDisk, unmountFormer } from './world/disk.ts';
import { createFeeder } from './world/feeder.ts';
import { openLedger } from './world/ledger.ts';
import { ANY_INSTANT, awaitPoint, PATIENCE_MS, POINT_NAMES } from './world/points.ts';
import { createRandom, pick } from './world/random.ts';
import { createReady, warmUp } from './world/start.ts';
import { chaosConfig } from './world/world.ts';

export interface ChaosOptions {
  /** Null: a new temporary folder. */
  readonly dir: string | null;
  /** How often the daemon is killed. */
  readonly rounds: number;
  /** Null: drawn, and told. */
  readonly seed: number | null;
  readonly json: boolean;
  /** Its agents work in the sandbox of bubblewrap. */
  readonly sandbox: boolean;
  /** So many other machines do the work, and suffer the faults; 0: this one does. */
  readonly machines: number;
}

interface Daemon {
  readonly child: Child;
  /** Resolves when it has said that it works. Rejects when it ends before. */
  ready(): Promise<void>;
}

/** What has to be ended, whatever happens. */
interface Started {
  readonly mark: string;
  forge: DemoForge | null;
  daemon: Child | null;
  witness: WitnessCalled | null;
  disk: SmallDisk | null;
  fleet: Fleet | null;
}

const ENDED = 130;
/** So many tasks wait at first, and so many are added in each round. */
const FIRST_TASKS = 8;
/** Of the small disk, and one for each round. */
const DISK_MIB = 96;
const TASKS_PER_ROUND = 1;
const AGENTS_WITHIN_MS = 2_500;
/** About what a start takes. */
const START_MS = 700;
/** So long is waited for a point that has come least often, in runs of so many rounds: that each is met, and short runs stay short. */
const RARE_PATIENCE_MS = 6_000;
const MANY_ROUNDS = 100;
/** The last daemon works undisturbed for so long, and is then asked to leave when its workers are done. */
const CALM_MS = 2_000;
const DRAIN_LIMIT_MS = 45_000;

/** Runs chaos; answers the exit code: 0 when no promise was broken. Throws when it cannot begin. */
export async function runChaos(options: ChaosOptions): Promise<number> {
  const startedAt = Date.now();
  if (options.dir !== null) await unmountFormer(resolve(options.dir, 'widgets'));
  const folder = takeFolder(options.dir);
  const seed = options.seed ?? randomInt(2 ** 31);
  const leaving = new AbortController();
  const stopListening = listenForTheEnd(leaving);
  const started: Started = {
    mark: `tac8-chaos-${randomBytes(8).toString('hex')}`,
    forge: null,
    daemon: null,
    witness: null,
    disk: null,
    fleet: null,
  };
  const say = (text: string): void => void (options.json || process.stdout.write(`${text}\n`));
  try {
    say(`A repository, a forge and agents in ${folder.root}; seed ${seed}`);
    const skipped = await play(options, folder, seed, started, say, leaving.signal);
    await clearAway(started, false);
    const result = await verdict(folder, { ...options, seed, skipped, seconds: (Date.now() - startedAt) / 1000 });
    process.stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : resultText(result));
    return result.ok ? 0 : 1;
  } catch (error) {
    if (leaving.signal.aborted) return ENDED;
    throw error;
  } finally {
    await clearAway(started, true);
    stopListening();
  }
}

async function verdict(folder: DemoFolder, told: Pick<ChaosResult, 'rounds' | 'seed' | 'skipped' | 'seconds'>): Promise<ChaosResult> {
  const counts = await judgeFolder(folder.root);
  return summarise(folder.root, told, counts);
}

type Say = (text: string) => void;

/** Answers what was left out, and why. */
async function play(options: ChaosOptions, folder: DemoFolder, seed: number, started: Started, say: Say, signal: AbortSignal) {
  const random = createRandom(seed);
  // Daemons and agents are started hundreds of times.
  const bare = { ...bareEnvironment(process.env, folder.home), NODE_COMPILE_CACHE: join(folder.home, 'compiled') };
  const git = createGit(bare);
  const isFleet = options.machines > 0;
  const disk = isFleet ? 'the small disk is for one machine' : await mountSmallDisk(folder.widgets, DISK_MIB + options.rounds);
  if (typeof disk !== 'string') started.disk = disk;
  await makeRepository(folder.widgets, git);
  const forge = await startForge(folder.forge, bare);
  started.forge = forge;
  const tokens = await addPeople(forge);
  await connectRepository(folder.widgets, forge, git, chaosConfig(folder, forge, options.sandbox, isFleet), tokens.maintainer);
  const ledger = openLedger(folder.root);
  started.witness = callWitness({ mark: started.mark, root: folder.root }, bare);
  const own = daemonEnvironment(bare, tokens.bot, started.mark);
  if (isFleet) started.fleet = await startFleet(options.machines, { folder, mark: started.mark, env: own, random, ledger });
  const env = started.fleet === null ? own : { ...own, [POSTGRES_VARIABLE]: started.fleet.url };
  await warmUp(folder, env);
  const feeder = createFeeder(forge, random);
  await feeder.file(FIRST_TASKS, true);
  const attack: Attack = { folder, forge, random, mark: started.mark, ledger, disk: started.disk };

  const begin = (): Daemon => {
    const ready = createReady(folder.daemonLog);
    const child = startDaemon(folder, env);
    started.daemon = child;
    ledger.add({ kind: 'daemon-started', at: Date.now(), pid: child.pid });
    return { child, ready: () => ready(child) };
  };

  if (started.fleet !== null) {
    let daemon = begin();
    await daemon.ready();
    const killCoordinator = async (live: number): Promise<void> => {
      await kill(daemon.child, ANY_INSTANT, live, attack);
      daemon = begin();
      await daemon.ready();
    };
    await playFleet({ rounds: options.rounds, attack, fleet: started.fleet, feeder, killCoordinator, say, signal });
    await drain(daemon.child, attack, signal);
    await started.fleet.end();
    started.fleet = null;
    await started.witness.finish();
    return [disk, 'clocks that are turned, machines that are away for longer than their lease'].flatMap((one) =>
      typeof one === 'string' ? [one] : [],
    );
  }
  const hits = new Map<string, number>();
  for (let round = 1; round <= options.rounds; round += 1) {
    signal.throwIfAborted();
    // Nobody starts it on a full disk; one that fills while it runs is another thing.
    started.disk?.free();
    const daemon = begin();
    const [point] = await Promise.all([
      meet(round, options.rounds, daemon, hits, attack),
      feeder.file(TASKS_PER_ROUND, round < options.rounds * 0.8),
    ]);
    const live = liveAgents(started.mark).length;
    await kill(daemon.child, point, live, attack);
    say(`${String(round).padStart(4)}  kill -9 ${point}, ${live} agents alive`);
  }
  signal.throwIfAborted();
  await forge.act('DELETE', 'faults');
  started.disk?.free();
  const last = begin();
  await last.ready();
  await drain(last.child, attack, signal);
  await started.witness.finish();
  return typeof disk === 'string' ? [disk] : [];
}

/** Waits for the instant of this round, doing mischief meanwhile: while the daemon starts, at the named point that has come least often, at one of several, or at any instant. */
async function meet(round: number, rounds: number, daemon: Daemon, hits: Map<string, number>, attack: Attack): Promise<string> {
  const { random } = attack;
  if (round % 6 === 0) {
    await Promise.all([sleep(random() * START_MS), doMischief(attack, { starting: true })]);
    return 'while it starts';
  }
  const met = (point: string): string => {
    hits.set(point, (hits.get(point) ?? 0) + 1);
    return point;
  };
  if (round % 4 === 1) {
    // What a daemon that carries on does first may be the very thing: it is waited for before it is ready.
    const patience = rounds < MANY_ROUNDS ? PATIENCE_MS + START_MS : RARE_PATIENCE_MS;
    const [point] = await Promise.all([
      awaitPoint(leastMet(hits, random).slice(0, 1), attack, patience),
      doMischief(attack, { starting: true }),
    ]);
    return met(point);
  }
  await daemon.ready();
  await awaitAgents(attack);
  const names = round % 3 === 0 ? [] : chooseNames(round, hits, random);
  const [point] = await Promise.all([awaitPoint(names, attack), doMischief(attack)]);
  return met(point);
}

/** In odd rounds those that have come least often so far, so that each comes at all; in even ones any. */
function chooseNames(round: number, hits: ReadonlyMap<string, number>, random: () => number): readonly string[] {
  if (round % 2 === 0) return [1, 2, 3].map(() => pick(random, POINT_NAMES) ?? '');
  return leastMet(hits, random).slice(0, 4);
}

function leastMet(hits: ReadonlyMap<string, number>, random: () => number): readonly string[] {
  const order = new Map(POINT_NAMES.map((name) => [name, (hits.get(name) ?? 0) + random()]));
  return POINT_NAMES.toSorted((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
}

/** A kill with nobody at work shows little; a loaded machine gets a while to start somebody. */
async function awaitAgents({ mark }: Attack): Promise<void> {
  const deadline = Date.now() + AGENTS_WITHIN_MS;
  while (liveAgents(mark).length === 0 && Date.now() < deadline) await sleep(80);
}

async function kill(daemon: Child, point: string, live: number, { ledger }: Attack): Promise<void> {
  if (!daemon.isRunning()) {
    ledger.add({ kind: 'daemon-ended', at: Date.now(), how: await daemon.ended });
    return;
  }
  const gone = daemon.end([]); // SIGKILL
  ledger.add({ kind: 'daemon-killed', at: Date.now(), point, live });
  await gone;
}

/** The last one: nobody disturbs it, and it leaves by itself when asked to. */
async function drain(daemon: Child, { ledger }: Attack, signal: AbortSignal): Promise<void> {
  await sleep(CALM_MS, undefined, { signal });
  if (daemon.isRunning()) process.kill(daemon.pid, 'SIGTERM');
  const how = await Promise.race([daemon.ended, sleep(DRAIN_LIMIT_MS, null, { signal, ref: false })]);
  if (how === null) await daemon.end([1500]);
  ledger.add({ kind: 'drained', at: Date.now(), how: how ?? `nothing for ${DRAIN_LIMIT_MS / 1000} s`, inTime: how !== null });
}

async function clearAway(started: Started, hurry: boolean): Promise<void> {
  await started.daemon?.end(hurry ? [300, 1500] : []);
  await started.fleet?.end();
  started.fleet = null;
  await endMarked(started.mark, 5000);
  await started.witness?.end();
  await started.forge?.child.end([2000]);
  await started.disk?.remove();
  started.disk = null;
}
