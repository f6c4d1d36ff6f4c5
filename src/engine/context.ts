import type { Policy } from '../core/policy.ts';
import type {
  Agents,
  Board,
  Clock,
  Forge,
  Housekeeping,
  Log,
  Notifier,
  RunLog,
  Store,
  Surroundings,
  Workers,
  Workspaces,
} from './ports.ts';

/** Everything the engine acts through. Built once, in compose.ts. */
export interface Ports {
  readonly store: Store;
  /** Null: no GitHub repository, local tasks only. */
  readonly forge: Forge | null;
  readonly workspaces: Workspaces;
  readonly housekeeping: Housekeeping;
  readonly workers: Workers;
  readonly agents: Agents;
  readonly board: Board;
  readonly runLog: RunLog;
  readonly surroundings: Surroundings;
  readonly notifier: Notifier;
  readonly clock: Clock;
  readonly log: Log;
}

export interface EngineSettings {
  /** In ms; read anew each time. */
  readonly pollInterval: () => number;
  /** While something runs, look at least this often; a second where it is left out. */
  readonly pulse?: number;
  /** Where worktrees are, from the repository's root. */
  readonly trees: string;
  readonly baseBranch: string | null;
  readonly draft: boolean;
  /** Why the newest settings are not taken up, in a sentence; null: they are. */
  readonly complaint?: () => string | null;
}

/** What the actions and the observations share. The policy may change between two ticks. */
export interface Context {
  readonly ports: Ports;
  readonly settings: EngineSettings;
  policy(): Policy;
  /** The issue as last listed, if it was. */
  issue(number: number): import('./ports.ts').Issue | null;
}
