import type { Ms } from '../../../src/core/model/seen.ts';
import { HOUR, MINUTE, SECOND } from '../incidents/incidents.ts';
import type { Random } from '../random.ts';

/** One thing an agent does, so long after the one before. */
export type Step = { readonly after: Ms } & (
  | { readonly do: 'say' }
  | { readonly do: 'edit' }
  | { readonly do: 'commit' }
  | { readonly do: 'block' }
  | { readonly do: 'flood' }
  | { readonly do: 'spend' }
  | { readonly do: 'result'; readonly text?: string; readonly status?: number; readonly cause?: string; readonly resetsIn?: Ms }
  | { readonly do: 'exit'; readonly code: number | null }
);

/** How an agent behaves in one run. */
export interface Program {
  readonly name: string;
  readonly steps: readonly Step[];
  /** Children in sessions of their own that outlive it. */
  readonly children: number;
  readonly ignores: ReadonlySet<'interrupt' | 'SIGINT' | 'SIGTERM' | 'stdin'>;
  /** SIGKILLs that its processes outlive. */
  readonly hardness: number;
  /** What the run is to be judged as, if nobody disturbs it. */
  readonly expects: readonly string[];
}

type Part = Partial<Omit<Program, 'name' | 'steps' | 'expects'>>;
type Recipe = (random: Random) => { readonly steps: readonly Step[]; readonly expects: readonly string[] } & Part;

/** A while of work, a word now and then. */
function work(random: Random, edits: number): Step[] {
  const steps: Step[] = [{ after: random.between(100, 20 * SECOND), do: 'say' }];
  for (let made = 0; made < edits; made += 1) {
    steps.push({ after: random.between(SECOND, 2 * MINUTE), do: 'edit' }, { after: random.between(100, MINUTE), do: 'say' });
  }
  return steps;
}

const says = (after: Ms): Step => ({ after, do: 'say' });
const good = (random: Random): Step[] => [...work(random, 1 + random.int(3)), { after: SECOND, do: 'commit' }];
const result = (more: Omit<Extract<Step, { do: 'result' }>, 'do' | 'after'> = {}): Step => ({ after: SECOND, do: 'result', ...more });
const ended = (code: number | null, after: Ms = SECOND): Step => ({ after, do: 'exit', code });
const ignoring = (...what: ('interrupt' | 'SIGINT' | 'SIGTERM' | 'stdin')[]) => new Set(what);
const refused = (status: number, cause: string, more: { readonly resetsIn?: Ms } = {}) =>
  result({ text: 'refused', status, cause, ...more });

export const RECIPES = {
  done: (random) => ({ steps: [...good(random), result()], expects: ['done'] }),
  lingers: (random) => ({ steps: [...good(random), result()], expects: ['done'], ignores: ignoring('stdin', 'interrupt', 'SIGTERM') }),
  escapes: (random) => ({ steps: [...good(random), result()], expects: ['done'], children: 1 + random.int(3), hardness: random.int(2) }),
  idle: (random) => ({ steps: [...work(random, 0), result({ text: 'Nothing to do.' })], expects: ['no_pr'] }),
  untidy: (random) => ({ steps: [...work(random, 2), result()], expects: ['no_pr'] }),
  blocked: (random) => ({ steps: [...work(random, 1), { after: SECOND, do: 'block' }, result()], expects: ['blocked'] }),
  asks: (random) => ({ steps: [...work(random, 0), result({ text: 'SQLite or Parquet?' })], expects: ['blocked'] }),
  crashes: (random) => ({ steps: [...work(random, 2), ended(random.pick([137, 139]))], expects: ['crash'] }),
  vanishes: (random) => ({ steps: [...work(random, 2), ended(null)], expects: ['crash'], children: random.int(2) }),
  silent: (random) => ({ steps: work(random, 1), expects: ['stalled', 'timeout'] }),
  mute: () => ({ steps: [], expects: ['stalled', 'timeout'] }),
  stubborn: (random) => ({
    steps: work(random, 1),
    expects: ['stalled', 'timeout'],
    ignores: ignoring('interrupt', 'SIGINT', 'SIGTERM', 'stdin'),
    hardness: random.int(3),
    children: random.int(3),
  }),
  quits: (random) => ({ steps: [...work(random, 1), ended(0)], expects: ['unknown'] }),
  fails: (random) => ({ steps: [...work(random, 1), ended(3)], expects: ['agent_error'] }),
  endless: (random) => ({ steps: [...work(random, 1), ...Array.from({ length: 30 }, () => says(2 * MINUTE))], expects: ['timeout'] }),
  limited: (random) => ({
    steps: [
      ...work(random, 1),
      refused(429, 'rate_limit', random.chance(0.7) ? { resetsIn: random.between(MINUTE, 5 * HOUR) } : {}),
      ended(1),
    ],
    expects: ['usage_limit'],
  }),
  overloaded: (random) => ({ steps: [...work(random, 0), refused(529, 'overloaded'), ended(1)], expects: ['provider_error'] }),
  refused: (random) => ({ steps: [...work(random, 0), refused(401, 'authentication_failed'), ended(1)], expects: ['auth_error'] }),
  floods: (random) => ({ steps: [...work(random, 0), { after: SECOND, do: 'flood' }], expects: ['output_limit', 'timeout'] }),
  spends: (random) => ({ steps: [...work(random, 1), { after: SECOND, do: 'spend' }], expects: ['budget', 'timeout'] }),
  unstarted: () => ({ steps: [ended(127, 50)], expects: ['startup_error'] }),
} as const satisfies Readonly<Record<string, Recipe>>;
export type ProgramName = keyof typeof RECIPES;

/** While things go wrong: every kind of agent. */
export const WILD: Readonly<Record<ProgramName, number>> = {
  ...{
    done: 30,
    lingers: 4,
    escapes: 6,
    idle: 3,
    untidy: 3,
    blocked: 3,
    asks: 2,
    crashes: 5,
    vanishes: 5,
    silent: 3,
    mute: 2,
    stubborn: 3,
  },
  ...{ quits: 2, fails: 3, endless: 2, limited: 4, overloaded: 3, refused: 1, floods: 2, spends: 1, unstarted: 2 },
};
/** Afterwards: none that keeps a task from its end. */
export const TAME: Readonly<Record<ProgramName, number>> = {
  ...(Object.fromEntries(Object.keys(RECIPES).map((name) => [name, 0])) as Record<ProgramName, number>),
  ...{ done: 10, blocked: 1, fails: 1, escapes: 1 },
};

/** What a run of the program may be judged as. Commits of earlier runs on the branch are a result, too. */
export function expectedOf(
  { name, expects }: Program,
  { isRead, hasCommits }: { readonly isRead: boolean; readonly hasCommits: boolean },
): readonly string[] {
  const done = hasCommits ? ['done'] : [];
  if (isRead) return expects[0] === 'no_pr' || name === 'asks' ? [...expects, 'no_pr', ...done] : expects;
  return [...(OF_A_COMMAND[name as ProgramName] ?? expects), ...done];
}

/** Of a command nothing is known but its exit code and what it left. */
const OF_A_COMMAND: Readonly<Partial<Record<ProgramName, readonly string[]>>> = {
  ...{ asks: ['no_pr'], quits: ['no_pr'], limited: ['agent_error'], overloaded: ['agent_error'], refused: ['agent_error'] },
  ...{ spends: ['no_pr', 'stalled', 'timeout'] },
};

export function programOf(random: Random, weights: Readonly<Record<ProgramName, number>>): Program {
  const name = random.weighted(weights);
  const recipe: Recipe = RECIPES[name];
  return { name, children: 0, hardness: 0, ignores: new Set(), ...recipe(random) };
}
