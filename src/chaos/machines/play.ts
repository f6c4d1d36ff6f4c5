import { setTimeout as sleep } from 'node:timers/promises';
import { PEOPLE } from '../../demo/world/forge.ts';
import { type Attack, doMischief, liveAgents } from '../mischief/mischief.ts';
import type { Feeder } from '../world/feeder.ts';
import { FLEET_FAULTS, type Fleet } from './fleet.ts';

interface Scene {
  readonly rounds: number;
  readonly attack: Attack;
  readonly fleet: Fleet;
  readonly feeder: Feeder;
  /** kill -9 of the daemon, and the next one, which has said that it works. */
  readonly killCoordinator: (live: number) => Promise<void>;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}

const KILL_COORDINATOR = 'kill the coordinator';
const FAULTS = [KILL_COORDINATOR, ...FLEET_FAULTS] as const;
/** In each round something is on its way. */
const tasksFor = (rounds: number): number => (rounds < 50 ? 1 : 2);
const BETWEEN_MS = 2_000;
const AGENTS_WITHIN_MS = 3_000;
/** All that was filed is to come to its end. A machine that has other work takes many times as long; nothing is waited for once all is done. */
const QUIET_MS = 480_000;
const QUIET_PER_ROUND_MS = 4_000;

/** Makes one fault a round, each kind equally often. Then waits, without faults, until every task has ended or the time is over. */
export async function playFleet({ rounds, attack, fleet, feeder, killCoordinator, say, signal }: Scene): Promise<void> {
  const { random, mark } = attack;
  let coming: string[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    signal.throwIfAborted();
    await feeder.file(tasksFor(rounds), round < rounds * 0.8);
    await sleep(300 + random() * BETWEEN_MS);
    // A fault with nobody at work shows little.
    for (const end = Date.now() + AGENTS_WITHIN_MS; liveAgents(mark).length === 0 && Date.now() < end; ) await sleep(80);
    if (coming.length === 0) coming = FAULTS.toSorted(() => random() - 0.5);
    const fault = FAULTS.find((one) => one === coming[0]) ?? KILL_COORDINATOR;
    coming = coming.slice(1);
    const live = liveAgents(mark).length;
    const mischief = doMischief(attack, { far: true });
    await (fault === KILL_COORDINATOR ? killCoordinator(live) : fleet.fault(fault));
    await mischief;
    fleet.keepUp();
    say(`${String(round).padStart(4)}  ${fault}, ${live} agents alive`);
  }
  await attack.forge.act('DELETE', 'faults');
  const until = Date.now() + QUIET_MS + rounds * QUIET_PER_ROUND_MS;
  while (Date.now() < until && (await open(attack, feeder)) > 0) {
    fleet.keepUp();
    await sleep(500, undefined, { signal });
  }
}

/** How many tasks no word was said of. */
async function open({ forge }: Attack, feeder: Feeder): Promise<number> {
  const { comments } = await forge.state();
  const told = new Set(comments.filter(({ author }) => author === PEOPLE.bot).map(({ issue }) => `gh-${issue}`));
  return [...feeder.filed().keys()].filter((task) => !told.has(task)).length;
}
