import { dialInside } from '../../compose/sandbox/entrance.ts';
import type { ProcessIdentity } from '../../core/model/run.ts';
import type { TaskId } from '../../core/model/task.ts';
import { servePreview } from '../../http/preview/serve-preview.ts';
import { openProject } from '../../place/project.ts';
import { openForReading } from '../../read/open.ts';
import { EXIT, Exit } from '../ground/exit-codes.ts';
import { say } from '../ground/say.ts';

/** Until the person ends it. */
export async function preview(from: string, task: TaskId, inner: number, port: number): Promise<void> {
  const project = await openProject(from, process.env);
  const worker = (): ProcessIdentity | null => {
    const store = openForReading(project);
    try {
      const run = store.runsOf(task).findLast((one) => one.state === 'running');
      return run?.state === 'running' ? run.process : null;
    } finally {
      store.close();
    }
  };
  if (worker() === null) throw new Exit(EXIT.refused, `${task} has no worker at work`, '`tac8 status` shows the tasks.');
  // Asked for each time: the next worker of the task may be another process.
  const served = await servePreview(task, inner, port, async () => {
    const now = worker();
    return now === null ? null : dialInside(now, inner);
  });
  say(`${served.link}\nPort ${inner} of the worker of ${task}, for your browser on this machine. Ctrl-C ends it.\n`);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
  served.close();
}
