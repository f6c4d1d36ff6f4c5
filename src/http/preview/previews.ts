import type { Duplex } from 'node:stream';
import type { TaskId } from '../../core/model/task.ts';
import { type Preview, servePreview } from './serve-preview.ts';

/** How the worker of a task is reached. */
export interface Inside {
  /** Why there can be no preview of this task; null: its worker is at work on this machine. */
  readonly refusal: (task: TaskId) => string | null;
  /** A connection to a port on the loopback of the task's worker; null: nothing answers there. */
  readonly dial: (task: TaskId, port: number) => Promise<Duplex | null>;
}

/** The previews that the page has opened; each is served until the daemon leaves, or others take its place. */
export interface Previews {
  /** The link; of one that is served already, the same one. */
  open(task: TaskId, port: number): Promise<{ readonly ok: true; readonly url: string } | { readonly ok: false; readonly why: string }>;
  close(): void;
}

/** More than a person looks at: the one that was asked for longest ago goes. */
const MOST = 8;

export function createPreviews({ refusal, dial }: Inside): Previews {
  const served = new Map<string, Promise<Preview>>();
  const end = (name: string): void => {
    const preview = served.get(name);
    served.delete(name);
    void preview?.then(({ close }) => close());
  };
  return {
    async open(task, port) {
      const why = refusal(task);
      if (why !== null) return { ok: false, why };
      const answers = await dial(task, port);
      if (answers === null) return { ok: false, why: `nothing answers at port ${port} of the worker of ${task}` };
      answers.destroy();
      const name = `${task} ${port}`;
      const preview = served.get(name) ?? servePreview(task, port, 0, () => dial(task, port));
      // The newest stands last.
      served.delete(name);
      served.set(name, preview);
      for (const old of [...served.keys()].slice(0, -MOST)) end(old);
      try {
        return { ok: true, url: (await preview).link };
      } catch (error) {
        served.delete(name);
        throw error;
      }
    },
    close: () => {
      for (const name of served.keys()) end(name);
    },
  };
}
