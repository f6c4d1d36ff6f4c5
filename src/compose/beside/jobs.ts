import { join } from 'node:path';
import { createJobs, type JobBox } from '../../adapters/process/jobs.ts';
import type { AgentSettings } from '../../agents/ground/settings.ts';
import { jobSurroundings } from '../../agents/surroundings.ts';
import type { Settings } from '../../config/settings.ts';
import type { TaskId } from '../../core/model/task.ts';
import type { Jobs } from '../../engine/ports/machine/jobs.ts';

/** What runs for a task beside its agent. */
export interface Beside {
  readonly jobs: Jobs;
  /** The whole environment of a job; `names`: variables that it gets besides the base list. */
  readonly envOf: (task: TaskId, names: readonly string[]) => Promise<Readonly<Record<string, string>>>;
}

export interface BesideParts {
  /** Absolute: `<root>/.tac8`. */
  readonly state: string;
  /** As they count now. */
  readonly live: () => Settings;
  readonly agent: () => AgentSettings;
  /** Undefined: jobs run without a sandbox, as the agents do. */
  readonly box: JobBox | undefined;
}

export const composeJobs = ({ state, live, agent, box }: BesideParts): Beside => ({
  jobs: createJobs({
    ...{ dir: join(state, 'runs', 'jobs'), memory: () => live().limits.memory, most: () => live().limits.log },
    ...(box === undefined ? {} : { box }),
  }),
  envOf: (task, names) => jobSurroundings(agent(), task, names),
});
