import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';

/** Where a long text goes: straight out, or through a pager. */
export interface Output {
  write(text: string | Uint8Array): void;
  /** Waits until what was written is taken; call it now and then, so that memory stays flat. */
  drained(): Promise<void>;
  /** The reader went away (`| head`, `q` in the pager): write no more. */
  readonly closed: AbortSignal;
  /** Waits until all is out, and for the pager to be left. */
  end(): Promise<void>;
}

const WRITE_CHARACTERS = 64 * 1024;
/** So short a text waits for more, but no longer than so. */
const SHORT_CHARACTERS = 16 * 1024;
const WAITS_MS = 20;

/** Writes to a stream, at the latest when `end` is called or soon after `drained` is, until it takes no more. Why it does not, streams.ts says where that is an error. */
export function plainOutput(stream: Writable): Output {
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  stream.on('error', leave);
  // Many short texts go out as few long ones.
  let waiting = '';
  let later: NodeJS.Timeout | null = null;
  let flushed = Number.NEGATIVE_INFINITY;
  const flush = (): void => {
    if (later !== null) clearTimeout(later);
    later = null;
    if (waiting !== '' && !gone.signal.aborted) stream.write(waiting);
    waiting = '';
    flushed = performance.now();
  };
  const drained = async (): Promise<void> => {
    if (waiting.length >= SHORT_CHARACTERS || performance.now() - flushed >= WAITS_MS) flush();
    else if (waiting !== '') later ??= setTimeout(flush, WAITS_MS);
    if (!stream.writableNeedDrain || gone.signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    stream.once('drain', resolve);
    gone.signal.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    stream.off('drain', resolve);
  };
  return {
    write: (text) => {
      if (gone.signal.aborted || text.length === 0) return;
      if (typeof text === 'string') waiting += text;
      if (typeof text !== 'string' || waiting.length > WRITE_CHARACTERS) flush();
      if (typeof text !== 'string') stream.write(text);
    },
    drained,
    closed: gone.signal,
    end: async () => {
      flush();
      await drained();
      stream.off('error', leave);
    },
  };
}

/** Through $PAGER or `less`; straight out where that cannot be started. */
export async function pagedOutput(stream: Writable, env: NodeJS.ProcessEnv): Promise<Output> {
  const [program, ...args] = (env.PAGER?.trim() || 'less').split(/\s+/) as [string, ...string[]];
  // -F: no pager for what fits on the screen; -R: our colours; -X: leave the text on the screen.
  const child = spawn(program, args, { stdio: ['pipe', 'inherit', 'inherit'], env: { LESS: 'FRX', ...env } });
  const started = await new Promise<boolean>((resolve) => {
    child.once('spawn', () => resolve(true));
    child.once('error', () => resolve(false));
  });
  if (!started || child.stdin === null) return plainOutput(stream);
  const left = new Promise<void>((resolve) => child.once('close', () => resolve()));
  // The keys belong to the pager: ^C there must not end us before it has put the terminal right.
  const ignore = (): void => undefined;
  process.on('SIGINT', ignore);
  const { stdin } = child;
  const output = plainOutput(stdin);
  return {
    ...output,
    end: async () => {
      await output.drained();
      stdin.end();
      await left;
      process.off('SIGINT', ignore);
    },
  };
}
