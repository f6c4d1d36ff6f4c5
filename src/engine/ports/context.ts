import type { Issue } from '../../core/model/forge.ts';
import type { Policy } from '../../core/tick/policy.ts';
import type { Agents } from './machine/agents.ts';
import type { Clock } from './machine/clock.ts';
import type { Surroundings } from './machine/surroundings.ts';
import type { Workers } from './machine/workers.ts';
import type { Forge } from './outside/forge.ts';
import type { IssueTexts } from './outside/issue-texts.ts';
import type { Notifier } from './outside/notifier.ts';
import type { Sandboxed } from './records/facts.ts';
import type { Log } from './records/log.ts';
import type { RunLog } from './records/run-log.ts';
import type { Store } from './records/store.ts';
import type { Board } from './repository/board.ts';
import type { Claims } from './repository/claims.ts';
import type { Housekeeping } from './repository/housekeeping.ts';
import type { Workspaces } from './repository/workspaces.ts';

/** Everything the engine acts through. Built once, in compose/daemon.ts. */
export interface Ports {
  readonly store: Store;
  /** Null: no GitHub repository, local tasks only. */
  readonly forge: Forge | null;
  readonly workspaces: Workspaces;
  /** Null: there is no forge whose issues others could work on. */
  readonly claims: Claims | null;
  readonly housekeeping: Housekeeping;
  readonly workers: Workers;
  readonly agents: Agents;
  readonly board: Board;
  readonly runLog: RunLog;
  readonly surroundings: Surroundings;
  readonly notifier: Notifier;
  readonly texts: IssueTexts;
  readonly clock: Clock;
  readonly log: Log;
}

/** What it takes to look and to decide, and no more: a preview has nothing else. */
export interface Eyes {
  readonly store: Store;
  readonly forge: Forge | null;
  readonly workspaces: Pick<Workspaces, 'signs' | 'originOf'>;
  readonly workers: Pick<Workers, 'probe' | 'strays'>;
  readonly agents: Pick<Agents, 'follow' | 'logins'>;
  readonly surroundings: Pick<Surroundings, 'machine' | 'names'>;
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
  /** The box that workers get. */
  readonly sandbox?: Sandboxed;
}

/** What the actions and the observations share. The policy may change between two ticks. */
export interface Context {
  readonly ports: Ports;
  readonly settings: EngineSettings;
  policy(): Policy;
  /** The issue as last listed, if it was. */
  issue(number: number): Issue | null;
}
