import type { TaskId } from '../../core/task.ts';

/** What the adapter is told; paths are absolute. */
export interface AgentSettings {
  /** The repository's root, where `logs/`, `.tac8/` and the template are. */
  readonly root: string;
  readonly kind: 'claude' | 'command';
  /** What to run. For `command` the whole argv, each element a Liquid template. */
  readonly command: readonly string[];
  readonly model: string | null;
  /** Names of environment variables passed on besides the base list. */
  readonly env: readonly string[];
  /** Whether the repository's own agent settings (its hooks among them) count. */
  readonly repoSettings: boolean;
  /** Claude's permission mode; null: everything is allowed, in the way that the user's rights permit. */
  readonly permissionMode: string | null;
  /** Further arguments for claude. */
  readonly args: readonly string[];
  /** Null: no limit. */
  readonly limits: { readonly turns: number | null; readonly usdPerTask: number | null };
  readonly baseBranch: string;
  /** The prompt's template file; where it does not exist, the built-in one counts. */
  readonly template: string;
  /** Name and mail of the commits that workers make. */
  readonly author: { readonly name: string; readonly email: string };
  /** The machine's environment, of which only what the lists name is passed on. */
  readonly machine: Readonly<Record<string, string | undefined>>;
  /** The person's home, for the agent's login folder. */
  readonly home: string;
  readonly isRoot: boolean;
}

/** Ten ports per task, below those that the system hands out by itself. Two tasks share a block only 1,200 numbers apart. */
export function portOf(task: TaskId): number {
  const n = Number(task.slice(task.indexOf('-') + 1));
  return 20_000 + ((n + (task.startsWith('local-') ? 600 : 0)) % 1200) * 10;
}
