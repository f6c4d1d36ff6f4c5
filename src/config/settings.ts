import type { Cache } from '../agents/ground/toolchains.ts';
import type { RouteConditions } from '../core/agent/which.ts';
import type { Channel } from '../core/alerts/channel.ts';
import type { PullForm } from '../core/model/forge.ts';
import type { Ms } from '../core/model/seen.ts';
import { type AgentSettings, toAgent } from './agent-settings.ts';
import { type AlertSettings, toAlerts, toChannels } from './notify-settings.ts';
import type { Checked } from './schema/schema.ts';
import { ASK_NPM, TOOLS, type Tool } from './schema/tools.ts';

/** The configuration as the program uses it: every default filled in, times in milliseconds, sizes in bytes, absent things null. */
export interface Settings {
  /** `owner/name`; null: read it from the origin remote. */
  readonly repo: string | null;
  readonly label: string;
  /** Null: any, and anybody's. */
  readonly milestone: string | null;
  readonly assignee: string | null;
  readonly pollInterval: Ms;
  readonly maxConcurrentWorkers: number;
  /** Null: any number. */
  readonly maxOpenPulls: number | null;
  /** Null: the remote's default branch. */
  readonly baseBranch: string | null;
  readonly branchPrefix: string;
  readonly branchName: string;
  readonly github: {
    readonly apiUrl: string;
    readonly tokenEnv: string;
    /** The number of the GitHub App that tac8 works as; null: it has a token. */
    readonly app: number | null;
    readonly webhookSecretEnv: string | null;
    /** Bots and Apps whose label starts work. */
    readonly bots: readonly string[];
    /** Whether workers may read the repository at the forge. */
    readonly forAgents: 'off' | 'read';
    readonly orders: boolean;
    readonly comments: boolean;
    readonly statusComment: boolean;
    readonly claim: 'auto' | 'off';
    readonly dashboard: boolean;
  };
  readonly git: { readonly filters: readonly string[]; readonly author: string | null };
  readonly agent: AgentSettings;
  /** Further ones by their names. */
  readonly agents: Readonly<Record<string, AgentSettings>>;
  /** Null: nobody has chosen yet. */
  readonly sandbox: SandboxSettings | null;
  readonly routes: readonly RouteSettings[];
  readonly limits: LimitSettings;
  readonly stop: { readonly tool: Ms; readonly interrupt: Ms; readonly terminate: Ms; readonly kill: Ms };
  readonly pulls: {
    readonly openedBy: 'coordinator' | 'worker';
    readonly draft: boolean;
    readonly verify: string | null;
    readonly env: readonly string[];
    readonly follow: boolean;
    readonly whenGreen: 'leave' | 'ready' | 'merge';
    readonly deleteBranch: boolean;
    readonly rounds: number;
    readonly allow: readonly string[];
    readonly form: PullForm;
  };
  readonly worktrees: WorktreeSettings;
  readonly board: { readonly archive: string | null };
  readonly logs: { readonly keep: Ms };
  readonly http: {
    readonly enabled: boolean;
    readonly host: string;
    readonly names: readonly string[];
    readonly port: number;
    readonly tokenEnv: string;
  };
  readonly notify: readonly Channel[];
  readonly alerts: AlertSettings;
  /** The database's path, from the repository's root or absolute. */
  readonly store: { readonly path: string };
  /** Null: workers run on this machine. `urlEnv`: the name of the variable with the address of Postgres; `schema`: where the tables are there. */
  readonly machines: { readonly urlEnv: string; readonly schema: string; readonly forgetAfter: Ms | null } | null;
  readonly metrics: { readonly file: string; readonly sysfs: string };
}

/** What may be reached. */
export interface Reach {
  /** The registry that the person's npm fetches from is let through as well. */
  readonly npm: boolean;
  /** Those of the named tools among them. */
  readonly hosts: readonly string[];
}

export interface SandboxSettings extends Reach {
  readonly kind: 'auto' | 'bwrap' | 'container' | 'none';
  /** An image of podman whose files stand in the place of this machine's; null: this machine's own. */
  readonly image: string | null;
  /** Those of them whose login is put in outside. */
  readonly logins: readonly HostLogin[];
  readonly private: readonly string[];
  readonly read: readonly string[];
  readonly write: readonly string[];
  /** Variables that everything in it gets as they are. */
  readonly env: readonly string[];
  readonly nested: boolean;
  /** What these reach in the place of what the agents do; null: the same. */
  readonly setup: Reach | null;
  readonly verify: Reach | null;
}

export interface HostLogin {
  readonly host: string;
  /** The variable that holds it. */
  readonly variable: string;
  readonly header: string;
  readonly scheme: 'bearer' | 'basic' | 'none';
}

export interface RouteSettings {
  readonly when: RouteConditions;
  /** Null: the agent's own. */
  readonly model: string | null;
  readonly agent?: string;
  /** Names of agents that make an attempt each, side by side. */
  readonly race?: readonly string[];
  readonly runsOn?: readonly string[];
}

export interface LimitSettings {
  readonly runTime: Ms;
  readonly silence: Ms;
  readonly firstEvent: Ms;
  readonly background: Ms;
  readonly attempts: number;
  readonly retryDelay: Ms;
  readonly turns: number;
  readonly tokens: number;
  readonly usdPerTask: number;
  readonly usdPerDay: number;
  readonly park: boolean;
  readonly nextRoute: boolean;
  readonly wrapUp: boolean;
  readonly log: number;
  /** Null: no limit of its own. */
  readonly memory: number | null;
  readonly disk: number | null;
  readonly minFreeMemory: number;
  readonly minFreeDisk: number;
  readonly loadPerCore: number;
  readonly startGap: Ms;
  readonly git: Ms;
  readonly setup: Ms;
  readonly verify: Ms;
}

export interface WorktreeSettings {
  readonly dir: string;
  readonly setup: string | null;
  /** Names of environment variables. */
  readonly env: readonly string[];
  readonly cache: readonly Cache[];
  readonly include: string;
  readonly save: readonly string[];
  readonly saveEvery: Ms;
  readonly keepSaved: Ms;
  readonly keepCompleted: Ms;
}

/** From the names of the file to those of the program; everything was checked before. */
export function toSettings(checked: Checked): Settings {
  const { github, agent, limits, pulls, worktrees, http } = checked;
  return {
    repo: checked.repo ?? null,
    label: checked.label,
    milestone: checked.milestone ?? null,
    assignee: checked.assignee ?? null,
    pollInterval: checked.poll_interval,
    maxConcurrentWorkers: checked.max_concurrent_workers,
    maxOpenPulls: checked.max_open_pulls ?? null,
    baseBranch: checked.base_branch ?? null,
    branchPrefix: checked.branch_prefix,
    branchName: checked.branch_name,
    github: {
      apiUrl: github.api_url.replace(/(?<!\/)\/+$/, ''),
      tokenEnv: github.token_env,
      app: github.app ?? null,
      webhookSecretEnv: github.webhook_secret_env ?? null,
      bots: github.bots,
      forAgents: github.for_agents,
      orders: github.orders,
      comments: github.comments,
      statusComment: github.status_comment,
      claim: github.claim,
      dashboard: github.dashboard,
    },
    git: { filters: checked.git.filters, author: checked.git.author ?? null },
    agent: toAgent(agent),
    agents: Object.fromEntries(Object.entries(checked.agents).map(([name, one]) => [name, toAgent(one)])),
    sandbox: checked.sandbox === undefined ? null : toSandbox(checked.sandbox),
    routes: checked.routes.map(({ when, model, agent: name, attempts, runs_on: runsOn }) => ({
      when: toConditions(when),
      model: model ?? null,
      ...{
        ...(name !== undefined && { agent: name }),
        ...(attempts !== undefined && { race: attempts.race }),
        ...(runsOn !== undefined && { runsOn }),
      },
    })),
    limits: {
      runTime: limits.run_time,
      silence: limits.silence,
      firstEvent: limits.first_event,
      background: limits.background,
      attempts: limits.attempts,
      retryDelay: limits.retry_delay,
      turns: limits.turns,
      tokens: limits.tokens,
      usdPerTask: limits.usd_per_task,
      usdPerDay: limits.usd_per_day,
      park: limits.park,
      nextRoute: limits.next_route,
      wrapUp: limits.wrap_up,
      log: limits.log,
      ...{ memory: limits.memory ?? null, disk: limits.disk ?? null },
      minFreeMemory: limits.min_free_memory,
      minFreeDisk: limits.min_free_disk,
      loadPerCore: limits.load_per_core,
      startGap: limits.start_gap,
      git: limits.git,
      setup: limits.setup,
      verify: limits.verify,
    },
    stop: checked.stop,
    pulls: {
      openedBy: pulls.opened_by,
      draft: pulls.draft,
      verify: pulls.verify ?? null,
      env: pulls.env,
      follow: pulls.follow,
      ...{ whenGreen: pulls.when_green, deleteBranch: pulls.delete_branch },
      ...{ rounds: pulls.rounds, allow: pulls.allow },
      form: { title: pulls.title ?? null, labels: pulls.labels, reviewers: pulls.reviewers, assignees: pulls.assignees },
    },
    worktrees: {
      dir: worktrees.dir.replace(/(?<!\/)\/+$/, ''),
      setup: worktrees.setup ?? null,
      env: worktrees.env,
      cache: worktrees.cache,
      include: worktrees.include,
      save: worktrees.save,
      saveEvery: worktrees.save_every,
      keepSaved: worktrees.keep_saved,
      keepCompleted: worktrees.keep_completed,
    },
    board: checked.board,
    logs: checked.logs,
    http: { enabled: http.enabled, host: http.host, names: http.names, port: http.port, tokenEnv: http.token_env },
    notify: toChannels(checked.notify),
    alerts: toAlerts(checked.alerts),
    store: { path: checked.store.url.slice('sqlite:'.length) },
    machines: checked.machines === undefined ? null : toMachines(checked.machines),
    metrics: checked.metrics,
  };
}

const toMachines = ({ postgres_env, schema, forget_after }: NonNullable<Checked['machines']>): NonNullable<Settings['machines']> => ({
  ...{ urlEnv: postgres_env, schema, forgetAfter: forget_after ?? null },
});

/** The file has hours as people write them; here they are minutes of the day. */
function toConditions({ hours, usd_left: usdLeft, ...when }: Checked['routes'][number]['when']): RouteConditions {
  const given = Object.fromEntries(Object.entries(when).filter(([, value]) => value !== undefined));
  const more = { ...(hours !== undefined && { hours: minutesOf(hours) }), ...(usdLeft !== undefined && { usdLeft }) };
  return { ...given, ...more };
}

function minutesOf(hours: string): { readonly from: number; readonly to: number } {
  const [from = 0, to = 0] = hours.split('-').map((clock) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5)));
  return { from, to };
}

const toReach = (tools: readonly Tool[], hosts: readonly string[]): Reach => ({
  hosts: [...new Set([...tools.flatMap((tool) => TOOLS[tool]), ...hosts])],
  npm: tools.some((tool) => ASK_NPM.includes(tool)),
});

function toSandbox({ kind, image, profile, setup, verify }: NonNullable<Checked['sandbox']>): SandboxSettings {
  const { tools, hosts, private: inner, read, write, env, nested_userns } = profile;
  const own = (reach: typeof setup): Reach | null => (reach === undefined ? null : toReach(reach.tools, reach.hosts));
  const named = Array.isArray(hosts) ? hosts : Object.keys(hosts);
  const logins = Object.entries(Array.isArray(hosts) ? {} : hosts).flatMap(([host, login]): HostLogin[] =>
    'header_env' in login ? [{ host, variable: login.header_env, header: login.header.toLowerCase(), scheme: login.scheme }] : [],
  );
  return {
    kind,
    image: kind === 'container' ? (image ?? null) : null,
    ...toReach(tools, named),
    logins,
    private: inner,
    ...{ read, write, env, nested: nested_userns },
    ...{ setup: own(setup), verify: own(verify) },
  };
}
