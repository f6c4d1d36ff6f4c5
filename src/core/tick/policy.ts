import type { AgentLimits, AgentOf } from '../agent/abilities.ts';
import { DEFAULT_AGENT, type RouteConditions } from '../agent/which.ts';
import { type AlertPolicy, DEFAULT_ALERTS } from '../model/alert.ts';
import type { PullForm } from '../model/forge.ts';
import type { Ms } from '../model/seen.ts';
import type { ReviewPolicy } from '../review/review.ts';

/** How long things stay, in ms. */
export interface Keep {
  /** The worktree of a completed task. */
  readonly completed: Ms;
  /** Logs, run folders and homes of ended tasks. */
  readonly logs: Ms;
  /** Snapshots, but for the last one of each task. */
  readonly saved: Ms;
}

/** Times are milliseconds, sizes bytes. What people set in `tac8.yaml`, as far as decisions rest on it. */
export interface Policy {
  readonly label: string;
  /** Of labelled issues only those in this milestone, and of this person, are worked on; null: all. */
  readonly milestone: string | null;
  readonly assignee: string | null;
  readonly branchPrefix: string;
  /** What stands behind the prefix, with `{task}` and `{title}`; left out: the task alone. */
  readonly branchName?: string;
  readonly slots: number;
  /** So many pulls of ours may be open before nothing starts that would open another; null: any number. */
  readonly maxOpenPulls: number | null;
  readonly attempts: number;
  /** Before the second attempt; doubled with each further one. */
  readonly retryDelay: Ms;
  readonly limits: {
    readonly runTime: Ms;
    readonly silence: Ms;
    readonly firstEvent: Ms;
    /** How long the agent's background work is waited for after its turn. */
    readonly background: Ms;
    readonly turns: number;
    readonly tokens: number;
    readonly usdPerTask: number;
    readonly usdPerDay: number;
    /** A usage limit or a provider that does not answer holds all starts back, not only the task that met it. */
    readonly park: boolean;
    /** A task whose login is parked goes to the next route that fits, if its login is not. */
    readonly nextRoute: boolean;
    /** The agent is told once when a limit that would cut it off comes near. */
    readonly wrapUp: boolean;
    readonly logBytes: number;
    /** What one task may use of the disk; null: no limit of its own. */
    readonly diskBytes: number | null;
    readonly minFreeMemory: number;
    readonly minFreeDisk: number;
    readonly loadPerCore: number;
    /** Between two starts. */
    readonly startGap: Ms;
  };
  readonly stop: { readonly tool: Ms; readonly interrupt: Ms; readonly terminate: Ms; readonly kill: Ms };
  readonly pulls: { readonly openedBy: 'coordinator' | 'worker'; readonly verify: boolean; readonly form?: PullForm } & ReviewPolicy;
  /** Which agent new runs get. */
  readonly agent: AgentOf;
  /** Further ones that routes and people may name. */
  readonly agents: Readonly<Record<string, AgentOf>>;
  /** By the name of an agent: what holds for it alone. Left out: nothing does. */
  readonly own?: Readonly<Record<string, OwnPolicy>>;
  /** Between two snapshots of a worktree while its worker runs. */
  readonly saveEvery: Ms;
  readonly keep: Keep;
  readonly alerts: AlertPolicy;
  readonly routes: readonly Route[];
  /** New runs go to other machines; else to this one. */
  readonly machines: boolean;
  /** Whether tac8 comments on issues at all. */
  readonly comment: boolean;
  /** Whether one comment for each task tells how it stands. */
  readonly statusComment: boolean;
  /** Whether an issue shows the whole fleet, and its boxes count. */
  readonly dashboard: boolean;
  /** Whether an issue is claimed at the remote before work on it starts. */
  readonly claim: boolean;
  /** Whether people with write access may order, and answer questions, by comments on the issue. */
  readonly orders: boolean;
}

/** What is set for one agent. */
export interface OwnPolicy {
  /** So many of its workers run at the same time; null: as many as there are slots. */
  readonly slots: number | null;
  readonly limits: AgentLimits;
}

/** With the limits that this agent has of its own. */
export function limitsFor({ limits, own }: Pick<Policy, 'limits' | 'own'>, { profile }: Pick<AgentOf, 'profile'>): Policy['limits'] {
  const name = profile ?? DEFAULT_AGENT;
  return own !== undefined && Object.hasOwn(own, name) ? { ...limits, ...own[name]?.limits } : limits;
}

/** The first whose conditions all hold gives the model. */
export interface Route {
  readonly when: RouteConditions;
  /** Null: the agent's own. */
  readonly model: string | null;
  /** The name of an agent; left out: the one of all. */
  readonly agent?: string;
  /** Names of agents that make an attempt each, side by side; left out: one agent works on it. */
  readonly race?: readonly string[];
  /** Labels that a machine has to have; left out: none. */
  readonly runsOn?: readonly string[];
}

const MINUTE = 60_000;
/** All but the agent, which core knows by what it can alone. */
export const DEFAULT_POLICY: Omit<Policy, 'agent'> = {
  label: 'rpi-auto',
  milestone: null,
  assignee: null,
  branchPrefix: 'auto/',
  slots: 3,
  maxOpenPulls: null,
  attempts: 3,
  retryDelay: MINUTE,
  limits: {
    runTime: 120 * MINUTE,
    silence: 15 * MINUTE,
    firstEvent: 2 * MINUTE,
    background: 10 * MINUTE,
    turns: 200,
    tokens: 25_000_000,
    usdPerTask: 10,
    usdPerDay: 100,
    park: true,
    nextRoute: false,
    wrapUp: false,
    logBytes: 2 * 1024 ** 3,
    diskBytes: null,
    minFreeMemory: 1024 ** 3,
    minFreeDisk: 2 * 1024 ** 3,
    loadPerCore: 20,
    startGap: 0,
  },
  stop: { tool: MINUTE, interrupt: 5_000, terminate: 5_000, kill: 5_000 },
  pulls: { openedBy: 'coordinator', verify: false, follow: false, whenGreen: 'leave', rounds: 3, allow: [] },
  saveEvery: 5 * MINUTE,
  keep: { completed: 24 * 60 * MINUTE, logs: 30 * 24 * 60 * MINUTE, saved: 30 * 24 * 60 * MINUTE },
  alerts: DEFAULT_ALERTS,
  agents: {},
  routes: [],
  machines: false,
  comment: true,
  statusComment: false,
  dashboard: false,
  claim: false,
  orders: false,
};
