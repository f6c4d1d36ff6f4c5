import type { AgentOf } from './abilities.ts';

/** What `tac8 retry --agent` and routes call the agent that stands under `agent` in tac8.yaml. */
export const DEFAULT_AGENT = 'default';

/** How people are told which agent it was: by its name in tac8.yaml, and what it is where the name does not say it. */
export const agentName = ({ kind, profile }: Pick<AgentOf, 'kind' | 'profile'>): string =>
  profile === undefined || profile === kind ? kind : `${profile} (${kind})`;

/** A conversation is of use to the kind of agent that led it. */
export const canGoOn = (one: Pick<AgentOf, 'kind'> | undefined, other: Pick<AgentOf, 'kind'>): boolean =>
  one === undefined || one.kind === other.kind;

interface Choice {
  readonly agent: AgentOf;
  readonly agents: Readonly<Record<string, AgentOf>>;
  readonly routes: readonly {
    readonly when: { readonly priority?: number; readonly labels?: readonly string[] };
    readonly model: string | null;
    readonly agent?: string;
  }[];
}

/** The agent of that name; null: tac8.yaml has none. */
export function agentCalled({ agent, agents }: Pick<Choice, 'agent' | 'agents'>, name: string): AgentOf | null {
  if (name === DEFAULT_AGENT) return agent;
  return Object.hasOwn(agents, name) ? (agents[name] ?? null) : null;
}

export const noAgent = (agents: Readonly<Record<string, unknown>>, name: string): string =>
  `tac8.yaml has no agent called ${name}: it has ${[DEFAULT_AGENT, ...Object.keys(agents)].join(', ')}`;

/** Which agent works on a task: the one that a person named for it, else that of the first route that fits, else the one under `agent`. */
export function agentFor(
  choice: Choice,
  task: { readonly priority: number; readonly labels: readonly string[]; readonly agent?: string },
): AgentOf {
  const named = task.agent === undefined ? null : agentCalled(choice, task.agent);
  if (named !== null) return named;
  const route = choice.routes.find(
    ({ when }) =>
      (when.priority === undefined || when.priority === task.priority) && (when.labels ?? []).every((label) => task.labels.includes(label)),
  );
  const agent = (route?.agent === undefined ? null : agentCalled(choice, route.agent)) ?? choice.agent;
  return { ...agent, model: route?.model ?? agent.model };
}
