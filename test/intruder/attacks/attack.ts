import type { Tripwire } from '../../setup/tripwire.ts';
import type { Workplace } from '../../support/world/daemon.ts';

export interface Came {
  readonly code: number | string | null;
  readonly out: string;
}

/** What is there while one attack is tried under a daemon. */
export interface Scene {
  readonly place: Workplace;
  /** A server of the intruder's, which must not be called. */
  readonly wire: Tripwire;
  /** The intruder's own task, and its worktree. */
  readonly task: string;
  readonly tree: string;
  /** A task that a person holds back. */
  readonly held: string;
  /** A file that must not come to be, but for what a worker itself starts. */
  readonly canary: string;
  /** Makes the canary, unless a worker started it. */
  readonly program: string;
  /** The attack's own, and the user's. */
  readonly folder: string;
  /** Where workers leave notes: `ready` begins what is done while the script waits, `last` holds the agent's last words. */
  readonly notes: string;
  /** The canary is there, or the server was called. */
  heard(): boolean;
  /** What the worker's script printed. */
  said(): string;
  /** Whether the daemon answers a caller within moments. */
  answers(): Promise<boolean>;
  /** Whether it is so still after a while. */
  stays(look: () => Promise<boolean>): Promise<boolean>;
  /** All words that the forge was given for the task. */
  leaves(): string;
  /** As the person whose machine it is, outside of tac8. Answers what it came to. */
  person(argv: readonly [string, ...string[]], cwd?: string): Promise<Came>;
  /** Opens an issue, and waits until its task has ended. */
  done(title: string, body?: string): Promise<string>;
}

export interface Attack {
  /** Of the boundary: which of its parts is tried. */
  readonly point: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;
  readonly what: string;
  /** What the worker's shell does in its worktree, once it has committed. */
  readonly script: (scene: Scene) => string;
  /** A task is held back by a person. */
  readonly holds?: boolean;
  /** Of its issue. */
  readonly body?: string;
  /** By the test, before the worker starts. */
  readonly before?: (scene: Scene) => unknown;
  /** By a person, once the script has made the note `ready`. */
  readonly meanwhile?: (scene: Scene) => Promise<void>;
  /** Default: the canary is there, or the server was called. */
  readonly sounds?: (scene: Scene) => boolean | Promise<boolean>;
  /** The safeguard taken away; default: plain git in the same places. Afterwards it sounds; `true`: it has. */
  readonly twin?: (scene: Scene) => unknown;
  /** What goes on beside the daemon is put back; git's own settings are in any case. */
  readonly undo?: (scene: Scene) => unknown;
  /** It may be over with its own task; all others go on. */
  readonly endsItself?: boolean;
}

/** For a line of a shell. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
