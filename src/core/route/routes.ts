import type { AgentOf } from '../agent/abilities.ts';
import { agentCalled, type Choice, type RouteConditions } from '../agent/which.ts';
import { dollars } from '../limits/spend.ts';
import { isRacer, type TaskId } from '../model/task.ts';
import { pathsIn } from './paths-in.ts';

/** What is known of a task when its agent is chosen. */
export interface ToRoute {
  readonly id?: TaskId;
  readonly priority: number;
  readonly labels: readonly string[];
  readonly title: string;
  /** Attempts that were made and count. */
  readonly attempts: number;
  readonly agent?: string;
  /** Files and folders that its issue names. */
  readonly paths?: readonly string[];
}

/** When it is chosen. */
export interface Moment {
  /** Of the day, by the machine's clock. Asked where a route has hours alone: zones of time cost a command half a bare start of Node. */
  readonly minute: () => number;
  /** Of the day's dollars; null: nobody asks. */
  readonly usdLeft: number | null;
}

interface Condition {
  readonly words: string;
  readonly holds: (task: ToRoute, moment: Moment) => boolean;
}

/** Every condition that can be set: how it is told of, and whether it holds; null: it is not set. */
const CONDITIONS: readonly ((when: RouteConditions) => Condition | null)[] = [
  ({ priority }) => (priority === undefined ? null : { words: `priority ${priority}`, holds: (task) => task.priority === priority }),
  ({ labels }) =>
    labels === undefined
      ? null
      : { words: `labels: ${labels.join(', ')}`, holds: (task) => labels.every((label) => task.labels.includes(label)) },
  ({ title }) =>
    title === undefined ? null : { words: `title: ${title}`, holds: (task) => task.title.toLowerCase().includes(title.toLowerCase()) },
  ({ paths }) =>
    paths === undefined
      ? null
      : {
          words: `paths: ${paths.join(', ')}`,
          holds: (task) =>
            [...pathsIn(task.title), ...(task.paths ?? [])].some((path) => paths.some((one) => path === one || path.startsWith(`${one}/`))),
        },
  ({ attempt }) => (attempt === undefined ? null : { words: `attempt ${attempt} or later`, holds: (task) => task.attempts + 1 >= attempt }),
  ({ hours }) =>
    hours === undefined
      ? null
      : { words: `hours: ${clock(hours.from)}-${clock(hours.to)}`, holds: (_, { minute }) => isIn(hours, minute()) },
  ({ usdLeft }) =>
    usdLeft === undefined
      ? null
      : { words: `less than ${dollars(usdLeft)} left today`, holds: (_, moment) => moment.usdLeft !== null && moment.usdLeft < usdLeft },
];

const isIn = ({ from, to }: NonNullable<RouteConditions['hours']>, minute: number): boolean =>
  from <= to ? minute >= from && minute < to : minute >= from || minute < to;

const clock = (minute: number): string => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

const setIn = (when: RouteConditions): readonly Condition[] => CONDITIONS.flatMap((one) => one(when) ?? []);

const fits = (when: RouteConditions, task: ToRoute, moment: Moment): boolean => setIn(when).every(({ holds }) => holds(task, moment));

/**
 * Which agent works on a task: the one that a person named for it, else that of the first route that fits, else the one under `agent`. Behind it
 * those that come next: of the further routes that fit, and the one under `agent`.
 */
export function agentsFor(choice: Choice, task: ToRoute, moment: Moment): readonly [AgentOf, ...AgentOf[]] {
  const named = task.agent === undefined ? null : agentCalled(choice, task.agent);
  if (named !== null)
    return [{ ...named, why: task.id !== undefined && isRacer(task.id) ? 'it is one of several attempts' : 'a person named it' }];
  const [first, ...others] = choice.routes.flatMap((route, n) => {
    if (!fits(route.when, task, moment)) return [];
    const agent = (route.agent === undefined ? null : agentCalled(choice, route.agent)) ?? choice.agent;
    const words = setIn(route.when).map((one) => one.words);
    const why = `routes[${n}]${words.length === 0 ? '' : ` (${words.join('; ')})`} fits`;
    return [{ ...agent, model: route.model ?? agent.model, why }];
  });
  const last =
    choice.routes.length === 0 ? choice.agent : { ...choice.agent, why: `no ${first === undefined ? '' : 'further '}route fits` };
  return first === undefined ? [last] : [first, ...others, last];
}

/** The names of those that race for a task, by the first route that fits; null: one agent has it. A person's word counts for more. */
export function racersFor(choice: Choice, task: ToRoute & { readonly id: TaskId }, moment: Moment): readonly string[] | null {
  if (isRacer(task.id) || (task.agent !== undefined && agentCalled(choice, task.agent) !== null)) return null;
  return choice.routes.find((route) => fits(route.when, task, moment))?.race ?? null;
}

export const agentFor = (choice: Choice, task: ToRoute, moment: Moment): AgentOf => agentsFor(choice, task, moment)[0];

/** What a machine has to have for this task: by the first route that fits. */
export const runsOnFor = ({ routes }: Pick<Choice, 'routes'>, task: ToRoute, minute: () => number): readonly string[] =>
  routes.find(({ when }) => fits(when, task, { minute, usdLeft: null }))?.runsOn ?? [];
