import { type ChildProcess, spawn } from 'node:child_process';
import { type Readable, Writable } from 'node:stream';
import { createWarden } from './warden.ts';

export interface ChildCall {
  readonly cwd?: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** On its stdin, then EOF. None: it has no stdin. */
  readonly input?: { readonly text: string; readonly encoding: 'latin1' | 'utf8' };
  /** Readable once, by it or its children, from file descriptor 3. */
  readonly secret?: string;
  /** This open file is its file descriptor 3, instead of a secret; who calls goes on using it. */
  readonly share?: number;
  /** Where its output goes: kept, up to so many bytes in all, what is more being dropped or its end; or into an open file. */
  readonly output: { readonly most: number; readonly beyond: 'drop' | 'end' } | { readonly file: number };
}

export type ChildEnd =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly by: string }
  /** Its time was over, nobody wants it any more, or it said too much: it was ended. */
  | { readonly kind: 'late' | 'given up' | 'flood' }
  | { readonly kind: 'not started'; readonly error: NodeJS.ErrnoException };

export interface Ended {
  readonly end: ChildEnd;
  readonly out: Buffer;
  readonly err: Buffer;
}

/** Somebody that it started may hold its output open after its end: what comes so late is not waited for. */
const LAST_WORDS = 1_000;

/** What ends each group that is there now, when this process leaves. */
const live = new Set<() => void>();
/** Ends them where this process is killed outright. */
const warden = createWarden();
process.once('exit', () => {
  for (const end of live) end();
});

/**
 * Runs a program once, without a shell, in a process group of its own. Nothing in the group outlives the call, however it ends, nor this
 * process: it is ended with its time limit, when it is given up, after its leader, and seconds after this process is killed. Never throws.
 */
export function runChild(file: string, args: readonly string[], call: ChildCall): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  const { cwd, env, signal, output } = call;
  if (signal?.aborted === true) return Promise.resolve({ end: { kind: 'given up' }, out: Buffer.alloc(0), err: Buffer.alloc(0) });
  const to = 'file' in output ? output.file : 'pipe';
  const stdin = call.input === undefined ? 'ignore' : 'pipe';
  const child: ChildProcess = spawn(file, args, {
    env,
    detached: true,
    stdio: [stdin, to, to, ...third(call)],
    ...(cwd === undefined ? {} : { cwd }),
  });
  let cause: ChildEnd | null = null;
  let patience: NodeJS.Timeout | null = null;
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  let size = 0;

  const killGroup = (): void => endGroup(child.pid);
  const isOver = child.pid === undefined ? () => undefined : warden.watch(child.pid);
  const leave = (): void => {
    killGroup();
    isOver();
  };
  const end = (kind: 'late' | 'given up' | 'flood'): void => {
    cause ??= { kind };
    killGroup();
    wait();
  };
  /** Its output is read to the end if that comes soon. */
  const wait = (): void => {
    patience ??= setTimeout(() => finish(null), LAST_WORDS);
  };
  const timer = setTimeout(() => end('late'), call.timeoutMs);
  const onAbort = (): void => end('given up');
  signal?.addEventListener('abort', onAbort, { once: true });
  live.add(leave);

  function collect(stream: Readable | null, into: Buffer[]): void {
    stream?.on('error', () => undefined); // destroyed at the end
    stream?.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if ('file' in output || size <= output.most) into.push(chunk);
      else if (output.beyond === 'end') end('flood');
    });
  }

  let ended: ChildEnd | null = null;
  function finish(last: ChildEnd | null): void {
    const how = cause ?? ended ?? last;
    if (how === null) return;
    clearTimeout(timer);
    if (patience !== null) clearTimeout(patience);
    signal?.removeEventListener('abort', onAbort);
    live.delete(leave);
    isOver();
    for (const stream of child.stdio) stream?.destroy();
    resolve({ end: how, out: Buffer.concat(out), err: Buffer.concat(err) });
  }

  collect(child.stdout, out);
  collect(child.stderr, err);
  // One that ends before it has read everything says by its code what is wrong; the broken pipe does not.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(call.input?.text ?? '', call.input?.encoding ?? 'utf8');
  giveSecret(child, call.secret);
  child.once('error', (error) => finish({ kind: 'not started', error }));
  child.once('exit', (code, by) => {
    ended = code === null ? { kind: 'signal', by: String(by) } : { kind: 'exit', code };
    killGroup();
    // Of one that was ended nobody wants to hear more.
    if (cause === null) wait();
    else finish(null);
  });
  child.once('close', () => finish(null));
  return promise;
}

function third({ secret, share }: ChildCall): readonly ('pipe' | number)[] {
  if (share !== undefined) return [share];
  return secret === undefined ? [] : ['pipe'];
}

function giveSecret(child: ChildProcess, secret: string | undefined): void {
  const pipe = child.stdio[3];
  if (secret === undefined || !(pipe instanceof Writable)) return;
  // A program that has no use for it ends without having read it.
  pipe.on('error', () => undefined);
  pipe.end(secret);
}

/** Ends a whole process group; one that is gone already is what was wanted. */
export function endGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    // EPERM: what is left of it are processes of another user, or zombies.
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
