import type { Ms } from '../../../src/core/model/seen.ts';
import type { ErrorSort } from '../../../src/engine/ports/error.ts';
import { type Random, randomOf } from '../random.ts';

/** Which calls of the engine an incident meets: a name, or a group by its beginning. */
export const CALLS = [
  'forge.issues',
  'forge.openPulls',
  'forge.trigger',
  'forge.comment',
  'forge.openPull',
  'forge.',
  'workspaces.ensure',
  'workspaces.save',
  'workspaces.inspect',
  'workspaces.push',
  'workspaces.signs',
  'workspaces.consumeSigns',
  'workspaces.',
  'workers.launch',
  'workers.probe',
  'workers.signal',
  'workers.',
  'agents.follow',
  'board.read',
  'board.publish',
  'runLog.append',
  'surroundings.',
  '',
] as const;
export type CallGroup = (typeof CALLS)[number];
/** The same for where the daemon dies: it may do so at writing its records, too. */
const CRASHES = [...CALLS, 'store.commit'] as const;

export type Person = 'maria' | 'eve';
export type BoardEdit =
  | 'add'
  | 'add-issue'
  | 'cancel'
  | 'retry'
  | 'remove'
  | 'reorder'
  | 'retitle'
  | 'priority'
  | 'prose'
  | 'half-saved'
  | 'crlf';
export type Verb = 'stop' | 'kill' | 'cancel' | 'tell' | 'clean' | 'retry' | 'continue' | 'pause' | 'pause-task' | 'add' | 'priority';

/** What goes wrong, and what people do, at a time (milliseconds since the beginning). `pick` in [0, 1) chooses among what there is then. */
export type Incident = { readonly at: Ms } & (
  | { readonly kind: 'crash'; readonly on: CallGroup | 'store.commit'; readonly skip: number; readonly down: Ms }
  | { readonly kind: 'reboot'; readonly down: Ms; readonly unlucky: boolean }
  | { readonly kind: 'leave'; readonly drain: boolean; readonly down: Ms }
  | { readonly kind: 'second' }
  | { readonly kind: 'store-lost'; readonly down: Ms }
  | { readonly kind: 'intruder'; readonly what: 'task' | 'run' }
  | { readonly kind: 'jump'; readonly by: Ms }
  | { readonly kind: 'lost'; readonly on: CallGroup; readonly times: number }
  | { readonly kind: 'refuse'; readonly on: CallGroup; readonly sort: ErrorSort; readonly lasts: Ms }
  | { readonly kind: 'hang'; readonly on: CallGroup; readonly lasts: Ms }
  | { readonly kind: 'slow'; readonly on: CallGroup; readonly lasts: Ms; readonly by: Ms }
  | { readonly kind: 'partial'; readonly lasts: Ms }
  | { readonly kind: 'blind'; readonly lasts: Ms }
  | { readonly kind: 'ring'; readonly times: number }
  | { readonly kind: 'deaf'; readonly lasts: Ms }
  | { readonly kind: 'short-of-memory'; readonly lasts: Ms }
  | { readonly kind: 'issues'; readonly count: number; readonly by: Person }
  | { readonly kind: 'label'; readonly on: boolean; readonly by: Person; readonly pick: number }
  | { readonly kind: 'flap'; readonly lasts: Ms; readonly by: Person; readonly pick: number }
  | { readonly kind: 'close'; readonly pick: number }
  | { readonly kind: 'reopen'; readonly pick: number }
  | { readonly kind: 'edit-issue'; readonly pick: number }
  | { readonly kind: 'their-pull'; readonly pick: number }
  /** One of the issues is blocked by another, which is closed after a while. */
  | { readonly kind: 'depend'; readonly pick: number; readonly lasts: Ms }
  | { readonly kind: 'merge' }
  | { readonly kind: 'board'; readonly edit: BoardEdit; readonly pick: number }
  | { readonly kind: 'command'; readonly verb: Verb; readonly pick: number }
  | { readonly kind: 'stop-file'; readonly pick: number }
  | { readonly kind: 'tree-gone'; readonly pick: number }
  | { readonly kind: 'signal'; readonly signal: 'SIGTERM' | 'SIGKILL' | 'SIGINT'; readonly pick: number }
);
export type IncidentKind = Incident['kind'];

export const SECOND: Ms = 1_000;
export const MINUTE: Ms = 60 * SECOND;
export const HOUR: Ms = 60 * MINUTE;
export const DAY: Ms = 24 * HOUR;

const WEIGHTS: Readonly<Record<Exclude<IncidentKind, 'issues' | 'merge' | 'depend' | 'store-lost'>, number>> = {
  ...{ crash: 16, reboot: 3, leave: 3, second: 3, intruder: 5, jump: 3 },
  ...{ lost: 9, refuse: 10, hang: 4, slow: 6, partial: 4, blind: 8, ring: 3, deaf: 3, 'short-of-memory': 1 },
  ...{ label: 8, flap: 4, close: 2, reopen: 1, 'edit-issue': 2, 'their-pull': 1 },
  ...{ board: 16, command: 14, 'stop-file': 6, signal: 6, 'tree-gone': 2 },
};

/**
 * The whole story of one seed. New issues come in batches; most else happens in the hours when there is work to disturb.
 * `density`: how many times more than on common days.
 */
export function inventIncidents(seed: number, days: number, density = 1): readonly Incident[] {
  const random = randomOf(seed, 'incidents');
  const incidents: Incident[] = [];
  const batches: Ms[] = [];
  for (let at = random.between(0, 5 * MINUTE); at < days * DAY; at += Math.floor(random.between(5 * HOUR, 16 * HOUR) / density)) {
    batches.push(at);
    incidents.push({ at, kind: 'issues', count: 1 + random.int(5), by: random.chance(0.9) ? 'maria' : 'eve' });
    incidents.push({ at: at + random.between(2 * HOUR, 5 * HOUR), kind: 'merge' });
  }
  const count = Math.ceil(days * density * random.between(8, 18));
  for (let made = 0; made < count; made += 1) {
    const near = random.pick([batches[0] ?? 0, ...batches]);
    const at = random.chance(0.85) ? near + Math.floor(60 * MINUTE * random.next() ** 2) : random.between(0, days * DAY);
    incidents.push({ at, ...detail(random, random.weighted(WEIGHTS)) });
  }
  return [...incidents, ...inventDependencies(seed, batches)].sort((a, b) => a.at - b.at);
}

/** Issues that are blocked soon after they were opened, most of them before anybody has seen them. */
function inventDependencies(seed: number, batches: readonly Ms[]): readonly Incident[] {
  const random = randomOf(seed, 'dependencies');
  return batches
    .filter(() => random.chance(0.4))
    .map((at) => ({
      at: at + random.between(0, 10 * MINUTE),
      kind: 'depend',
      pick: random.next(),
      lasts: random.between(MINUTE, random.chance(0.5) ? HOUR : 8 * HOUR),
    }));
}

type Detail = Incident extends infer I ? (I extends { readonly at: Ms } ? Omit<I, 'at'> : never) : never;

function detail(random: Random, kind: keyof typeof WEIGHTS): Detail {
  const pick = random.next();
  const by: Person = random.chance(0.8) ? 'maria' : 'eve';
  const lasts = random.chance(0.7) ? random.between(SECOND, 5 * MINUTE) : random.between(5 * MINUTE, 2 * HOUR);
  const on = random.pick(CALLS);
  switch (kind) {
    case 'crash':
      return random.chance(0.5)
        ? { kind, on: '', skip: random.int(60), down: downTime(random) }
        : { kind, on: random.pick(CRASHES), skip: random.int(6), down: downTime(random) };
    case 'reboot':
      return { kind, down: downTime(random), unlucky: random.chance(0.6) };
    case 'leave':
      return { kind, drain: random.chance(0.5), down: downTime(random) };
    case 'second':
    case 'their-pull':
    case 'close':
    case 'reopen':
    case 'edit-issue':
      return { kind, pick };
    case 'stop-file':
    case 'tree-gone':
      return { kind, pick };
    case 'intruder':
      return { kind, what: random.chance(0.7) ? 'task' : 'run' };
    case 'jump':
      return {
        kind,
        by: random.chance(0.4) ? -random.between(SECOND, 2 * MINUTE) : random.between(MINUTE, random.chance(0.2) ? 2 * DAY : HOUR),
      };
    case 'lost':
      return { kind, on, times: 1 + random.int(3) };
    case 'refuse':
      return { kind, on, sort: random.pick(['retryable', 'retryable', 'terminal', 'limited', 'unknown']), lasts };
    case 'hang':
      return { kind, on, lasts: Math.min(lasts, 10 * MINUTE) };
    case 'slow':
      return { kind, on, lasts, by: random.between(1, random.chance(0.5) ? SECOND : 20 * SECOND) };
    case 'partial':
      // Long enough to be met: the list is asked for this often.
      return { kind, lasts: Math.max(lasts, 10 * MINUTE) };
    case 'deaf':
    case 'short-of-memory':
      return { kind, lasts };
    case 'blind':
      return { kind, lasts: random.between(3 * SECOND, 8 * SECOND) };
    case 'ring':
      return { kind, times: 1 + random.int(20) };
    case 'label':
      return { kind, on: random.chance(0.5), by, pick };
    case 'flap':
      return { kind, lasts: random.between(SECOND, 30 * MINUTE), by, pick };
    case 'board':
      return { kind, edit: random.weighted(EDITS), pick };
    case 'command':
      return { kind, verb: random.weighted(VERBS), pick };
    case 'signal':
      return { kind, signal: random.pick(['SIGTERM', 'SIGKILL', 'SIGINT']), pick };
  }
}

const EDITS: Readonly<Record<BoardEdit, number>> = {
  ...{ add: 5, 'add-issue': 2, cancel: 6, retry: 4, remove: 3, reorder: 2, retitle: 2, priority: 3, prose: 4, 'half-saved': 1, crlf: 1 },
};
const VERBS: Readonly<Record<Verb, number>> = {
  ...{ stop: 5, kill: 4, cancel: 4, tell: 4, clean: 1, retry: 5, continue: 3, pause: 1, 'pause-task': 2, add: 2, priority: 2 },
};

/** A daemon is started again at once, after a while, or only the next morning. */
const downTime = (random: Random): Ms =>
  random.chance(0.5)
    ? random.between(1, 2 * SECOND)
    : random.chance(0.7)
      ? random.between(SECOND, 20 * MINUTE)
      : random.between(HOUR, 8 * HOUR);
