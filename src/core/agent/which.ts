import type { AgentOf } from './abilities.ts';

/** What `tac8 retry --agent` and routes call the agent that stands under `agent` in tac8.yaml. */
export const DEFAULT_AGENT = 'default';

/** How people are told which agent it was: by its name in tac8.yaml, and what it is where the name does not say it. */
export const agentName = ({ kind, profile }: Pick<AgentOf, 'kind' | 'profile'>): string =>
  profile === undefined || profile === kind ? kind : `${profile} (${kind})`;

/** A conversation is of use to the kind of agent that led it. `before`: of the last run, for a conversation of which an earlier version kept no kind. */
export const canGoOn = (
  led: { readonly kind?: string },
  before: Pick<AgentOf, 'kind'> | undefined,
  agent: Pick<AgentOf, 'kind'>,
): boolean => (led.kind ?? before?.kind ?? agent.kind) === agent.kind;

/** What of a route must hold. */
export interface RouteConditions {
  readonly priority?: number;
  readonly labels?: readonly string[];
  /** Words of the title. */
  readonly title?: string;
  /** This attempt, or a later one. */
  readonly attempt?: number;
  /** Minutes of the day, by the machine's clock; over midnight where it ends before it begins. */
  readonly hours?: { readonly from: number; readonly to: number };
}

/** What is known of a task when its agent is chosen. */
export interface ToRoute {
  readonly priority: number;
  readonly labels: readonly string[];
  readonly title: string;
  /** Attempts that were made and count. */
  readonly attempts: number;
  readonly agent?: string;
}

interface Choice {
  readonly agent: AgentOf;
  readonly agents: Readonly<Record<string, AgentOf>>;
  readonly routes: readonly {
    readonly when: RouteConditions;
    readonly model: string | null;
    readonly agent?: string;
    readonly runsOn?: readonly string[];
  }[];
}

/** The agent of that name; null: tac8.yaml has none. */
export function agentCalled({ agent, agents }: Pick<Choice, 'agent' | 'agents'>, name: string): AgentOf | null {
  if (name === DEFAULT_AGENT) return agent;
  return Object.hasOwn(agents, name) ? (agents[name] ?? null) : null;
}

export const noAgent = (agents: Readonly<Record<string, unknown>>, name: string): string =>
  `tac8.yaml has no agent called ${name}: it has ${[DEFAULT_AGENT, ...Object.keys(agents)].join(', ')}`;

function fits({ priority, labels = [], title, attempt, hours }: RouteConditions, task: ToRoute, minute: number): boolean {
  if (priority !== undefined && priority !== task.priority) return false;
  if (!labels.every((label) => task.labels.includes(label))) return false;
  if (title !== undefined && !task.title.toLowerCase().includes(title.toLowerCase())) return false;
  if (attempt !== undefined && task.attempts + 1 < attempt) return false;
  if (hours === undefined) return true;
  const { from, to } = hours;
  return from <= to ? minute >= from && minute < to : minute >= from || minute < to;
}

/**
 * Which agent works on a task: the one that a person named for it, else that of the first route that fits, else the one under `agent`. Behind it
 * those that come next: of the further routes that fit, and the one under `agent`. `minute`: of the day, by the machine's clock.
 */
export function agentsFor(choice: Choice, task: ToRoute, minute: number): readonly [AgentOf, ...AgentOf[]] {
  const named = task.agent === undefined ? null : agentCalled(choice, task.agent);
  if (named !== null) return [named];
  const [first, ...others] = choice.routes
    .filter(({ when }) => fits(when, task, minute))
    .map((route) => {
      const agent = (route.agent === undefined ? null : agentCalled(choice, route.agent)) ?? choice.agent;
      return { ...agent, model: route.model ?? agent.model };
    });
  return first === undefined ? [choice.agent] : [first, ...others, choice.agent];
}

export const agentFor = (choice: Choice, task: ToRoute, minute: number): AgentOf => agentsFor(choice, task, minute)[0];

/** The name of an agent's login. */
export const loginOf = ({ login }: Pick<AgentOf, 'login'>): string => login ?? DEFAULT_AGENT;

/** Of all agents that there are, whose limits are their own. */
export const loginsOf = ({ agent, agents }: Pick<Choice, 'agent' | 'agents'>): readonly (string | undefined)[] => [
  ...new Set([agent, ...Object.values(agents)].map(({ login }) => login)),
];

/** What a machine has to have for this task: by the first route that fits. */
export const runsOnFor = ({ routes }: Pick<Choice, 'routes'>, task: ToRoute, minute: number): readonly string[] =>
  routes.find(({ when }) => fits(when, task, minute))?.runsOn ?? [];
