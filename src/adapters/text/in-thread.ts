import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { messageOf } from '../../core/words/message-of.ts';

export interface Limits {
  /** Of the thread's own time on a processor, and of time at all, in ms. */
  readonly cpu: number;
  readonly wall: number;
  readonly megabytes: number;
}

/** What a thread answered, or why it has no answer. */
type Answer<T> = { readonly value: T } | { readonly because: string };

export interface Thread<T> {
  /** Never throws. One question at a time: the caller waits. */
  ask(question: unknown): Promise<Answer<T>>;
}

const LOOK_EVERY = 200;
/** So long a thread is kept that has nothing to do. */
const IDLE = 10_000;

/**
 * A thread that answers each message with one, and is started when it is asked. What takes too much is ended, and the next question has a
 * new thread. A built program is read now and needs nothing else, so that it stays the same when the package is replaced under the daemon.
 */
export function createThread<T>(program: string, limits: Limits): Thread<T> {
  const source = program.endsWith('.js') ? readFileSync(program, 'utf8') : null;
  const start = (): Worker =>
    new Worker(source ?? program, {
      ...{ eval: source !== null, env: {}, execArgv: [], stdin: false, stdout: true, stderr: true },
      resourceLimits: { maxOldGenerationSizeMb: limits.megabytes, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
    });
  let kept: Running<T> | null = null;
  let end: NodeJS.Timeout | undefined;
  function drop(running: Running<T>): void {
    if (kept === running) kept = null;
    void running.worker.terminate();
  }
  function begun(): Running<T> {
    const made = running<T>(start());
    made.worker.once('exit', () => drop(made));
    return made;
  }
  return {
    async ask(question) {
      clearTimeout(end);
      try {
        kept ??= begun();
      } catch (error) {
        return { because: `its thread did not start: ${messageOf(error)}` };
      }
      const asked = kept;
      asked.worker.ref();
      const answer = await answerOf(asked, question, limits);
      if ('because' in answer) drop(asked);
      else {
        asked.worker.unref();
        end = setTimeout(() => drop(asked), IDLE).unref();
      }
      return answer;
    },
  };
}

interface Running<T> {
  readonly worker: Worker;
  /** Told what comes of it next. */
  hear: (answer: Answer<T>) => void;
}

function running<T>(worker: Worker): Running<T> {
  const self: Running<T> = { worker, hear: () => undefined };
  worker.on('message', (value: T) => self.hear({ value }));
  worker.on('error', (error) => self.hear({ because: wordsOf(error) }));
  worker.on('exit', (code) => self.hear({ because: `its thread ended with ${code}` }));
  return self;
}

async function answerOf<T>(asked: Running<T>, question: unknown, limits: Limits): Promise<Answer<T>> {
  const { worker } = asked;
  const began = performance.now();
  const before = cpuOf(worker);
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Answer<T>>((resolve) => {
      asked.hear = resolve;
      timer = setInterval(() => {
        if (performance.now() - began > limits.wall) resolve({ because: `it took longer than ${limits.wall / 1000} s` });
        void Promise.all([before, cpuOf(worker)]).then(([from, to]) => {
          if (to - from > limits.cpu) resolve({ because: `it took more than ${limits.cpu / 1000} s of a processor` });
        });
      }, LOOK_EVERY);
      worker.postMessage(question);
    });
  } finally {
    clearInterval(timer);
  }
}

/** In ms. Node before 24.6 does not tell it, nor does a thread that has not begun. */
async function cpuOf(worker: Worker): Promise<number> {
  try {
    const { user, system } = await worker.cpuUsage();
    return (user + system) / 1000;
  } catch {
    return 0;
  }
}

function wordsOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY') return 'it took too much memory';
  if (error instanceof RangeError) return 'it is nested too deeply';
  return messageOf(error);
}
