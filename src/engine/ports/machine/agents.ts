import type { Issue } from '../../../core/model/forge.ts';
import type { Run, StreamFacts } from '../../../core/model/run.ts';
import type { Ms } from '../../../core/model/seen.ts';
import type { Task } from '../../../core/model/task.ts';
import type { Launch } from './workers.ts';

/** Turns a task into what is launched, and its log into facts. */
export interface Agents {
  /** Writes the prompt and the run's folder; pure but for that. Throws a terminal PortError when the template does not render. */
  prepare(task: Task, run: Run, issue: Issue | null, workspace: { path: string; baseCommit: string }): Promise<Launch>;
  /** Reads on from `stream.offset`; answers the facts so far. */
  follow(run: Run, now: Ms): Promise<StreamFacts>;
  /** A print of the logins that runs are given: another print, other logins. Tells nobody what they are. */
  logins(): Promise<string>;
  /** The line for the agent's stdin that asks it to end its turn, or null where it knows none. */
  interrupt(run: Run): string | null;
  /** From now on the agent begins no further tool in this run; the one in hand may end. Nothing where it has no hooks. Remembered in the run's folder. */
  forbidTools(run: Run): Promise<void>;
  /** The line for the agent's stdin that tells it something. `uuid`: its name in the agent's stream. Null: it cannot be told anything. */
  message(run: Run, text: string, uuid: string): string | null;
}
