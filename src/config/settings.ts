import type { Channel } from '../core/alerts/channel.ts';
import type { Ms } from '../core/seen.ts';
import { type AlertSettings, toAlerts, toChannels } from './notify-settings.ts';
import type { Checked } from './schema.ts';

/** The configuration as the program uses it: every default filled in, times in milliseconds, sizes in bytes, absent things null. */
export interface Settings {
  /** `owner/name`; null: read it from the origin remote. */
  readonly repo: string | null;
  readonly label: string;
  readonly pollInterval: Ms;
  readonly maxConcurrentWorkers: number;
  /** Null: the remote's default branch. */
  readonly baseBranch: string | null;
  readonly branchPrefix: string;
  readonly github: { readonly apiUrl: string; readonly tokenEnv: string; readonly webhookSecretEnv: string | null };
  readonly agent: AgentSettings;
  readonly routes: readonly RouteSettings[];
  readonly limits: LimitSettings;
  readonly stop: { readonly tool: Ms; readonly interrupt: Ms; readonly terminate: Ms; readonly kill: Ms };
  readonly pulls: { readonly openedBy: 'coordinator' | 'worker'; readonly draft: boolean; readonly verify: string | null };
  readonly worktrees: WorktreeSettings;
  readonly board: { readonly archive: string | null };
  readonly logs: { readonly keep: Ms };
  readonly http: { readonly enabled: boolean; readonly host: string; readonly port: number; readonly tokenEnv: string };
  readonly notify: readonly Channel[];
  readonly alerts: AlertSettings;
  /** The database's path, from the repository's root or absolute. */
  readonly store: { readonly path: string };
  readonly metrics: { readonly file: string; readonly sysfs: string };
}

export interface AgentSettings {
  readonly kind: 'claude' | 'command';
  readonly command: readonly [string, ...string[]];
  readonly model: string | null;
  /** Names of environment variables. */
  readonly env: readonly string[];
  readonly repoSettings: boolean;
}

export interface RouteSettings {
  readonly when: { readonly priority?: number; readonly labels?: readonly string[] };
  readonly model: string;
}

export interface LimitSettings {
  readonly runTime: Ms;
  readonly silence: Ms;
  readonly firstEvent: Ms;
  readonly attempts: number;
  readonly retryDelay: Ms;
  readonly turns: number;
  readonly tokens: number;
  readonly usdPerTask: number;
  readonly usdPerDay: number;
  readonly park: boolean;
  readonly log: number;
  /** Null: no limit of its own. */
  readonly memory: number | null;
  readonly minFreeMemory: number;
  readonly minFreeDisk: number;
  readonly loadPerCore: number;
  readonly startGap: Ms;
}

export interface WorktreeSettings {
  readonly dir: string;
  readonly setup: string | null;
  readonly include: string;
  readonly save: readonly string[];
  readonly saveEvery: Ms;
  readonly keepSaved: Ms;
  readonly keepCompleted: Ms;
}

/** From the names of the file to those of the program; everything was checked before. */
export function toSettings(checked: Checked): Settings {
  const { github, agent, limits, pulls, worktrees, http } = checked;
  const [program = 'claude', ...args] = agent.command ?? [];
  return {
    repo: checked.repo ?? null,
    label: checked.label,
    pollInterval: checked.poll_interval,
    maxConcurrentWorkers: checked.max_concurrent_workers,
    baseBranch: checked.base_branch ?? null,
    branchPrefix: checked.branch_prefix,
    github: { apiUrl: github.api_url.replace(/\/+$/, ''), tokenEnv: github.token_env, webhookSecretEnv: github.webhook_secret_env ?? null },
    agent: {
      kind: agent.kind,
      command: [program, ...args],
      model: agent.model ?? null,
      env: agent.env ?? (agent.kind === 'claude' ? ['ANTHROPIC_API_KEY'] : []),
      repoSettings: agent.repo_settings,
    },
    routes: checked.routes.map(({ when: { priority, labels }, model }) => ({
      when: { ...(priority !== undefined && { priority }), ...(labels !== undefined && { labels }) },
      model,
    })),
    limits: {
      runTime: limits.run_time,
      silence: limits.silence,
      firstEvent: limits.first_event,
      attempts: limits.attempts,
      retryDelay: limits.retry_delay,
      turns: limits.turns,
      tokens: limits.tokens,
      usdPerTask: limits.usd_per_task,
      usdPerDay: limits.usd_per_day,
      park: limits.park,
      log: limits.log,
      memory: limits.memory ?? null,
      minFreeMemory: limits.min_free_memory,
      minFreeDisk: limits.min_free_disk,
      loadPerCore: limits.load_per_core,
      startGap: limits.start_gap,
    },
    stop: checked.stop,
    pulls: { openedBy: pulls.opened_by, draft: pulls.draft, verify: pulls.verify ?? null },
    worktrees: {
      dir: worktrees.dir.replace(/\/+$/, ''),
      setup: worktrees.setup ?? null,
      include: worktrees.include,
      save: worktrees.save,
      saveEvery: worktrees.save_every,
      keepSaved: worktrees.keep_saved,
      keepCompleted: worktrees.keep_completed,
    },
    board: checked.board,
    logs: checked.logs,
    http: { enabled: http.enabled, host: http.host, port: http.port, tokenEnv: http.token_env },
    notify: toChannels(checked.notify),
    alerts: toAlerts(checked.alerts),
    store: { path: checked.store.url.slice('sqlite:'.length) },
    metrics: checked.metrics,
  };
}
