import type { Prices } from '../../../core/agent/spend.ts';
import type { Usage } from '../../../core/limits/usage.ts';
import type { ProcessIdentity } from '../../../core/model/run.ts';
import type { RunId, TaskId } from '../../../core/model/task.ts';
import type { ProcessSeen, Stray } from '../../../core/tick/world.ts';
import type { Holding } from '../records/facts.ts';
import type { Box, Needs } from './box.ts';

export type { ProcessSeen } from '../../../core/tick/world.ts';

/** What is started for a run, to the last byte. */
export interface Launch {
  readonly run: RunId;
  readonly task: TaskId;
  /** The name of its agent in the settings; left out: the one under `agent`. */
  readonly profile?: string;
  readonly argv: readonly [string, ...string[]];
  /** The whole environment of the agent but for the run's own marker. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** `fifo`: stdin stays open until `closeInput`, the prompt is fed first; `file`: the prompt, then EOF. */
  readonly stdin: { readonly kind: 'fifo' | 'file'; readonly prompt: string };
  readonly log: string;
  readonly stderr: string;
  /** What people are told of how it was made ready; null: nothing. */
  readonly note: string | null;
  /** What a person pays for models, where the settings say so; its log begins with them. */
  readonly prices?: Prices;
  /** What a box has to show for it. */
  readonly needs?: Needs;
  /** What it sees and reaches; left out: all that the person does. */
  readonly box?: Box;
}

/** What the machine alone tells of a run. */
export type StraySeen = Pick<Stray, 'run' | 'task' | 'process' | 'startedAt' | 'members'>;

/** The process trees of runs. */
export interface Workers {
  /** Starts what the next launch would wait for; one is likely to follow within moments. Never fails. */
  warmUp(): void;
  /** Launches at most once per run, however often it is called; answers the identity of the agent. */
  launch(launch: Launch): Promise<ProcessIdentity>;
  /** Throws when it cannot tell. `identity` null: find it by its marker. */
  probe(run: RunId, identity: ProcessIdentity | null): Promise<ProcessSeen>;
  /** To the agent's process, and for the last rung to the whole tree until it is empty. Answers how many were reached. */
  signal(
    run: RunId,
    identity: ProcessIdentity | null,
    signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL',
  ): Promise<{ readonly reached: number; readonly left: number }>;
  /** What its tree uses now; of a run that lives. */
  usage(run: RunId, identity: ProcessIdentity): Promise<Usage>;
  /** Runs of this repository with live processes that `isKnown` does not know. Complete, or it throws. Slow: every process is looked at. */
  strays(isKnown: (run: RunId) => boolean): Promise<readonly StraySeen[]>;
  /** Null until the first launch, which tries it. */
  holding(): Holding | null;
  /** Writes a line to the agent's stdin. */
  say(run: RunId, line: string): Promise<void>;
  /** Lets the agent's stdin end. */
  closeInput(run: RunId): Promise<void>;
}
