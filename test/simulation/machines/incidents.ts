import type { Ms } from '../../../src/core/model/seen.ts';
import { CALLS, HOUR, MINUTE, SECOND } from '../incidents/incidents.ts';
import { randomOf } from '../random.ts';

const FREEZES = ['workers.launch', 'workers.launch/spawn', 'workspaces.ensure', 'workspaces.save', 'workspaces.packOfWork', ''] as const;

/** Where a coordinator may stand still while another one takes over. */
const HALTS = ['forge.comment', 'forge.openPull', 'workspaces.push', 'workspaces.takeWork', ''] as const;

/** What goes wrong among machines, and what people do. `pick` in [0, 1) chooses among what there is then. */
export type Trouble = { readonly at: Ms } & (
  | { readonly kind: 'issues'; readonly count: number; readonly by: 'maria' }
  | { readonly kind: 'command'; readonly verb: 'stop' | 'kill' | 'cancel' | 'retry'; readonly pick: number }
  | { readonly kind: 'runner-killed'; readonly pick: number; readonly down: Ms }
  | { readonly kind: 'machine-off'; readonly pick: number; readonly down: Ms }
  /** `on`: just before such a call; null: at once. */
  | { readonly kind: 'frozen'; readonly pick: number; readonly on: (typeof FREEZES)[number] | null; readonly lasts: Ms }
  | { readonly kind: 'cut'; readonly pick: number; readonly lasts: Ms }
  | { readonly kind: 'postgres-away'; readonly lasts: Ms }
  | { readonly kind: 'answers-lost'; readonly lasts: Ms }
  | { readonly kind: 'runner-crash'; readonly pick: number; readonly on: string; readonly skip: number; readonly down: Ms }
  | { readonly kind: 'coordinator-killed'; readonly down: Ms }
  | { readonly kind: 'coordinator-crash'; readonly on: string; readonly skip: number; readonly down: Ms }
  | { readonly kind: 'coordinator-frozen'; readonly on: (typeof HALTS)[number] | null; readonly lasts: Ms }
  /** A disk wrote something else than it was told: some log of a run elsewhere is not what it was. */
  | { readonly kind: 'garbled'; readonly pick: number }
);

const WEIGHTS: Readonly<Record<Exclude<Trouble['kind'], 'issues'>, number>> = {
  ...{ command: 6, 'runner-killed': 6, 'machine-off': 3, frozen: 8, cut: 6, 'postgres-away': 4, 'answers-lost': 3, 'runner-crash': 6 },
  ...{ 'coordinator-killed': 5, 'coordinator-crash': 6, 'coordinator-frozen': 7, garbled: 3 },
};

/** The whole story of one seed: issues come in batches, and trouble comes most of all while they are worked on. */
export function inventTroubles(seed: number, hours: number, density = 1): readonly Trouble[] {
  const random = randomOf(seed, 'troubles');
  const troubles: Trouble[] = [];
  const batches: Ms[] = [];
  for (let at = random.between(0, MINUTE); at < hours * HOUR; at += random.between(40 * MINUTE, 90 * MINUTE)) {
    batches.push(at);
    troubles.push({ at, kind: 'issues', count: 1 + random.int(4), by: 'maria' });
  }
  const made = Math.ceil(hours * density * random.between(4, 9));
  for (let n = 0; n < made; n += 1) {
    const at = random.pick([batches[0] ?? 0, ...batches]) + Math.floor(40 * MINUTE * random.next() ** 2);
    troubles.push({ at, ...detail(random.weighted(WEIGHTS)) });
  }
  return troubles.sort((a, b) => a.at - b.at);

  function detail(kind: keyof typeof WEIGHTS): Detail {
    const pick = random.next();
    const [short, long] = [random.between(SECOND, MINUTE), random.between(MINUTE, random.chance(0.3) ? HOUR : 8 * MINUTE)];
    const some = random.chance(0.5) ? short : long;
    const on = random.pick(CALLS);
    switch (kind) {
      case 'command':
        return { kind, verb: random.pick(['stop', 'kill', 'cancel', 'retry']), pick };
      case 'runner-killed':
        return { kind, pick, down: some };
      case 'machine-off':
        return { kind, pick, down: random.chance(0.5) ? some : random.between(HOUR, 3 * HOUR) };
      case 'frozen':
        // A start that wakes up after it was given up is what goes wrong most easily.
        return random.chance(0.5)
          ? { kind, pick, on: null, lasts: some }
          : { kind, pick, on: random.pick(FREEZES), lasts: random.chance(0.5) ? some : random.between(4 * MINUTE, 10 * MINUTE) };
      case 'cut':
        return { kind, pick, lasts: some };
      case 'postgres-away':
        return { kind, lasts: random.chance(0.2) ? HOUR : some };
      case 'answers-lost':
        return { kind, lasts: short };
      case 'runner-crash':
        return { kind, pick, on, skip: random.int(8), down: some };
      case 'coordinator-killed':
        return { kind, down: random.chance(0.3) ? random.between(HOUR, 2 * HOUR) : some };
      case 'coordinator-crash':
        return { kind, on: random.chance(0.3) ? 'store.commit' : on, skip: random.int(20), down: some };
      case 'coordinator-frozen':
        return {
          kind,
          on: random.chance(0.5) ? null : random.pick(HALTS),
          lasts: random.chance(0.5) ? some : random.between(40 * SECOND, 8 * MINUTE),
        };
      case 'garbled':
        return { kind, pick };
    }
  }
}

type Detail = Trouble extends infer T ? (T extends { readonly at: Ms } ? Omit<T, 'at'> : never) : never;
