import { knownOf } from '../agents/known.ts';
import type { Settings } from '../config/settings.ts';
import type { AgentOf } from '../core/agent/abilities.ts';
import type { Policy } from '../core/tick/policy.ts';

const agentOf = ({ kind, model }: Settings['agent']): AgentOf => ({ kind, can: knownOf({ kind }).can, model });

/** What decisions rest on, out of what people set. */
export function policyOf(settings: Settings): Policy {
  const { limits } = settings;
  return {
    label: settings.label,
    milestone: settings.milestone,
    assignee: settings.assignee,
    branchPrefix: settings.branchPrefix,
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
      logBytes: limits.log,
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
      rounds: settings.pulls.rounds,
      allow: settings.pulls.allow,
      form: settings.pulls.form,
    },
    agent: agentOf(settings.agent),
    agents: Object.fromEntries(Object.entries(settings.agents).map(([profile, agent]) => [profile, { ...agentOf(agent), profile }])),
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
