import type { AgentOf } from './abilities.ts';

/** What `tac8 retry --agent` and routes call the agent that stands under `agent` in tac8.yaml. */
export const DEFAULT_AGENT = 'default';

/** How people are told which agent it was: by its name in tac8.yaml, and what it is where the name does not say it. */
export const agentName = ({ kind, profile }: Pick<AgentOf, 'kind' | 'profile'>): string =>
  profile === undefined || profile === kind ? kind : `${profile} (${kind})`;

/** A conversation is of use to the kind of agent that led it. `before`: of the last run, for a conversation of which an earlier version kept no kind. */
export function canGoOn(led: { readonly kind?: string }, before: Pick<AgentOf, 'kind'> | undefined, next: Pick<AgentOf, 'kind'>): boolean {
  const by = led.kind ?? before?.kind;
  return by === undefined || by === next.kind;
}

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
  /** Files and folders: the title or the issue names one of them, or something below. */
  readonly paths?: readonly string[];
  /** Less than so many dollars of the day's are left. */
  readonly usdLeft?: number;
}

/** What there is to choose from. */
export interface Choice {
  readonly agent: AgentOf;
  readonly agents: Readonly<Record<string, AgentOf>>;
  readonly routes: readonly {
    readonly when: RouteConditions;
    readonly model: string | null;
    readonly agent?: string;
    readonly runsOn?: readonly string[];
    readonly race?: readonly string[];
  }[];
}

/** The agent of that name; null: tac8.yaml has none. */
export function agentCalled({ agent, agents }: Pick<Choice, 'agent' | 'agents'>, name: string): AgentOf | null {
  if (name === DEFAULT_AGENT) return agent;
  if (Object.hasOwn(agents, name)) return agents[name] ?? null;
  // What it is names it as well.
  return Object.hasOwn({ [agent.kind]: agent }, name) ? agent : null;
}

export const noAgent = (agents: Readonly<Record<string, unknown>>, name: string): string =>
  `tac8.yaml has no agent called ${name}: it has ${[DEFAULT_AGENT, ...Object.keys(agents)].join(', ')}`;

/** The name of an agent's login. */
export const loginOf = ({ login }: Pick<AgentOf, 'login'>): string => login ?? DEFAULT_AGENT;

/** Of all agents that there are, whose limits are their own. */
export const loginsOf = ({ agent, agents }: Pick<Choice, 'agent' | 'agents'>): readonly (string | undefined)[] => [
  ...new Set([agent, ...Object.values(agents)].map(({ login }) => login)),
];
