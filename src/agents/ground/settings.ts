import { issueNumber, localNumber, racerName, type TaskId } from '../../core/model/task.ts';
import type { Price, Prices } from '../words/price.ts';
import type { ToolServers } from './mcp.ts';
import type { Cache } from './toolchains.ts';

export type { Price, Prices };

export type Machine = Readonly<Record<string, string | undefined>>;

/** What the adapter is told; paths are absolute. */
export interface AgentSettings {
  /** The repository's root, where `logs/`, `.tac8/` and the template are. */
  readonly root: string;
  /** The agent's name in the table of `agents/kinds.ts`. */
  readonly kind: string;
  /** What to run. */
  readonly command: readonly string[];
  /** What runs tac8's own client of an agent, for those that need one. */
  readonly client: readonly [string, ...string[]];
  /** Milliseconds that an agent with such a client may try in vain to reach its provider. */
  readonly patience: number;
  readonly model: string | null;
  /** Names of environment variables passed on besides the base list. */
  readonly env: readonly string[];
  /** The same of the other agents: another login of theirs may be behind them. */
  readonly others?: readonly string[];
  /** Whether the repository's own agent settings (its hooks among them) count. */
  readonly repoSettings: boolean;
  /** How hard it thinks, in its own word; null or left out: as it is set. */
  readonly effort?: string | null;
  /** What models cost, by their names; left out: nothing is known. */
  readonly prices?: Prices;
  /** Servers of the Model Context Protocol that it is given, by names of the person's own; left out: none. */
  readonly mcp?: ToolServers;
  /** A permission mode of the agent's; null: everything is allowed, in the way that the user's rights permit. */
  readonly permissionMode: string | null;
  /** Further arguments for the agent. */
  readonly args: readonly string[];
  /** Null: no limit. */
  readonly limits: { readonly turns: number | null; readonly usdPerTask: number | null };
  readonly baseBranch: string;
  /** What is run after its work; null: nothing. */
  readonly verify: string | null;
  /** The prompt's template file; where it does not exist, the built-in one counts. */
  readonly template: string;
  /** Name and mail of the commits that workers make. */
  readonly author: () => Promise<{ readonly name: string; readonly email: string }>;
  /** The machine's environment, of which only what the lists name is passed on. */
  readonly machine: Machine;
  /** The person's home, for the agent's login folder. */
  readonly home: string;
  readonly isRoot: boolean;
  /** Tools whose downloads all tasks share. */
  readonly caches: readonly Cache[];
  /** It works in a sandbox: no login of the person's is in sight. Left out: it does not. */
  readonly boxed?: boolean;
}

/** Ten ports per task, below those that the system hands out by itself. Two tasks share a block only 1,200 numbers apart; attempts side by side have each its own. */
export function portOf(task: TaskId): number {
  const n = issueNumber(task) ?? (localNumber(task) ?? 0) + 600;
  const name = [...(racerName(task) ?? '')].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1199, 0);
  return 20_000 + ((n + name) % 1200) * 10;
}
