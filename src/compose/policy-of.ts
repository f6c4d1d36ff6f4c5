import { knownOf } from '../agents/known.ts';
import type { Settings } from '../config/settings.ts';
import type { AgentOf } from '../core/agent/abilities.ts';
import { DEFAULT_AGENT } from '../core/agent/which.ts';
import type { Policy } from '../core/tick/policy.ts';

/** Agents that ask the provider as the same customer have its limits in common. */
const customerOf = ({ login, kind, command, env }: Settings['agent']): string => login ?? JSON.stringify([kind, command, [...env].sort()]);

/** By profile: the login that it is told of, where that is not the one of the agent under `agent`. */
function loginsIn({ agent, agents }: Settings): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const out = new Map<string, string>();
  for (const [profile, one] of Object.entries(agents)) {
    const customer = customerOf(one);
    if (customer === customerOf(agent)) continue;
    const name = names.get(customer) ?? one.login ?? profile;
    names.set(customer, name);
    out.set(profile, name);
  }
  return out;
}

const agentOf = ({ kind, model }: Settings['agent']): AgentOf => ({ kind, can: knownOf({ kind }).can, model });

/** What is set for single agents; of those that have nothing of their own nothing is said. */
function ownOf({ agent, agents }: Settings): Pick<Policy, 'own'> {
  const own = Object.entries({ ...agents, [DEFAULT_AGENT]: agent }).flatMap(([name, { slots, limits }]) =>
    slots === null && Object.keys(limits).length === 0 ? [] : [[name, { slots, limits }] as const],
  );
  return own.length === 0 ? {} : { own: Object.fromEntries(own) };
}

/** What decisions rest on, out of what people set. */
export function policyOf(settings: Settings): Policy {
  const { limits } = settings;
  const logins = loginsIn(settings);
  return {
    label: settings.label,
    milestone: settings.milestone,
    assignee: settings.assignee,
    branchPrefix: settings.branchPrefix,
    branchName: settings.branchName,
    slots: settings.maxConcurrentWorkers,
    maxOpenPulls: settings.maxOpenPulls,
    attempts: limits.attempts,
    retryDelay: limits.retryDelay,
    limits: {
      runTime: limits.runTime,
      silence: limits.silence,
      firstEvent: limits.firstEvent,
      background: limits.background,
      turns: limits.turns,
      tokens: limits.tokens,
      usdPerTask: limits.usdPerTask,
      usdPerDay: limits.usdPerDay,
      park: limits.park,
      nextRoute: limits.nextRoute,
      wrapUp: limits.wrapUp,
      logBytes: limits.log,
      diskBytes: limits.disk,
      minFreeMemory: limits.minFreeMemory,
      minFreeDisk: limits.minFreeDisk,
      loadPerCore: limits.loadPerCore,
      startGap: limits.startGap,
    },
    stop: settings.stop,
    pulls: {
      openedBy: settings.pulls.openedBy,
      verify: settings.pulls.verify !== null,
      follow: settings.pulls.follow,
      whenGreen: settings.pulls.whenGreen,
      ...(settings.pulls.deleteBranch ? { deleteBranch: true as const } : {}),
      rounds: settings.pulls.rounds,
      allow: settings.pulls.allow,
      form: settings.pulls.form,
    },
    agent: agentOf(settings.agent),
    agents: Object.fromEntries(
      Object.entries(settings.agents).map(([profile, agent]) => {
        const login = logins.get(profile);
        return [profile, { ...agentOf(agent), profile, ...(login !== undefined && { login }) }];
      }),
    ),
    ...ownOf(settings),
    saveEvery: settings.worktrees.saveEvery,
    keep: { completed: settings.worktrees.keepCompleted, logs: settings.logs.keep, saved: settings.worktrees.keepSaved },
    alerts: settings.alerts,
    routes: settings.routes,
    machines: settings.machines !== null,
    comment: settings.github.comments,
    statusComment: settings.github.comments && settings.github.statusComment,
    dashboard: settings.github.dashboard,
    claim: settings.github.claim === 'auto',
    orders: settings.github.orders,
  };
}
