import { type ChildProcess, spawn } from 'node:child_process';

/*
 * renameat2 with RENAME_EXCHANGE: two names change places in one step, so that what a person saved a moment ago comes out under the
 * other name instead of being gone. Node has no call for it; perl-base, part of every Debian, can make any system call. To start it costs a
 * large process more than all else of a write, so one is kept for as long as there is something to write.
 */

const NUMBERS: Readonly<Record<string, number>> = { x64: 316, arm64: 276, arm: 382, ia32: 353, riscv64: 276, ppc64: 357, s390x: 347 };
/** Two absolute names as hexadecimal digits, a line for each pair; answers errno. */
const SCRIPT =
  '$|=1;$0="tac8 exchanges tasks.md";my $n=shift;while(<STDIN>){my($a,$b)=map{pack("H*",$_)}split;print((syscall($n+0,-100,$a,-100,$b,2)==0?0:$!+0),"\\n")}';
const DONE = '0';
const ENOENT = '2';
/** EPERM (a sandbox), EINVAL (the file system), ENOSYS (the kernel), EOPNOTSUPP. */
const UNSUPPORTED = new Set(['1', '22', '38', '95']);
/** EBUSY, EXDEV: the name is a mount of its own. */
const PINNED = new Set(['16', '18']);
const LIMIT_MS = 10_000;
/** So long after the last write the program is let go. */
const IDLE_MS = 60_000;

export type Exchanged = 'done' | 'missing' | 'unsupported' | 'pinned';

export interface Exchanger {
  /** Lets two paths of one file system change places. `missing`: one is not there; `pinned`: a bind mount, to be written in place. */
  exchange(one: string, two: string): Promise<Exchanged>;
  /** Lets the program go. */
  close(): Promise<void>;
}

export function openExchanger(): Exchanger {
  let helper: Helper | null = null;
  let idle: NodeJS.Timeout | null = null;
  const release = (): Promise<void> => {
    const gone = helper?.close() ?? Promise.resolve();
    helper = null;
    if (idle !== null) clearTimeout(idle);
    idle = null;
    return gone;
  };
  return {
    async exchange(one, two) {
      const number = process.platform === 'linux' ? NUMBERS[process.arch] : undefined;
      if (number === undefined) return 'unsupported';
      if (helper?.isOver() !== false) helper = startHelper(number);
      if (idle !== null) clearTimeout(idle);
      idle = setTimeout(() => void release(), IDLE_MS);
      idle.unref();
      const errno = await helper.ask(one, two);
      if (errno === DONE) return 'done';
      if (errno === null || UNSUPPORTED.has(errno)) return 'unsupported';
      if (PINNED.has(errno)) return 'pinned';
      if (errno === ENOENT) return 'missing';
      throw new Error(`exchanging ${one} and ${two} failed: errno ${errno}`);
    },
    close: release,
  };
}

interface Helper {
  /** The errno; null: there is no such program. One question at a time. */
  ask(one: string, two: string): Promise<string | null>;
  isOver(): boolean;
  close(): Promise<void>;
}

function startHelper(number: number): Helper {
  // At home nowhere: a folder that somebody works in cannot be unmounted.
  const child: ChildProcess = spawn('/usr/bin/perl', ['-e', SCRIPT, String(number)], {
    cwd: '/',
    env: {},
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  let isOver = false;
  let answer: ((errno: string | null | Error) => void) | null = null;
  let heard = '';
  const over = (how: null | Error): void => {
    isOver = true;
    answer?.(how);
    end();
  };
  child.once('error', (error: NodeJS.ErrnoException) => over(error.code === 'ENOENT' ? null : error));
  child.once('exit', () => over(new Error('perl ended in the middle of an exchange')));
  child.stdin?.on('error', () => undefined); // its end says more
  child.stdout?.on('data', (chunk: Buffer) => {
    heard += chunk.toString('latin1');
    if (!heard.endsWith('\n')) return;
    answer?.(heard.trim());
    heard = '';
  });
  /** Nobody stays for it. */
  const hold = (isHeld: boolean): void => {
    for (const part of [child, child.stdin, child.stdout] as unknown as ({ ref(): void; unref(): void } | null)[])
      if (isHeld) part?.ref();
      else part?.unref();
  };
  hold(false);
  return {
    isOver: () => isOver,
    async ask(one, two) {
      hold(true);
      const late = setTimeout(() => {
        child.kill('SIGKILL');
        answer?.(new Error(`perl has not answered for ${LIMIT_MS / 1000} s`));
      }, LIMIT_MS);
      const said = await new Promise<string | null | Error>((resolve) => {
        answer = resolve;
        child.stdin?.write(`${hex(one)} ${hex(two)}\n`);
      });
      clearTimeout(late);
      answer = null;
      hold(false);
      if (said instanceof Error) throw new Error(`exchanging ${one} and ${two} failed: ${said.message}`, { cause: said });
      return said;
    },
    close() {
      // Who waits for its end is not to end before: a daemon that is composed anew may have nothing else that keeps it.
      if (!isOver) hold(true);
      child.stdin?.end();
      return isOver ? Promise.resolve() : ended;
    },
  };
}

const hex = (path: string): string => Buffer.from(path).toString('hex');
