import { type ChildProcess, spawn } from 'node:child_process';

/*
 * renameat2 with RENAME_EXCHANGE: two names change places in one step, so that what a person saved a moment ago comes out under the
 * other name instead of being gone. Node has no call for it; perl-base, part of every Debian, can make any system call. To start it costs a
 * large process more than all else of a write, so one is kept for as long as there is something to write.
 * The same program tells whether somebody has a file open to write in it: the system gives a read lease on it only where nobody has.
 */

const NUMBERS: Readonly<Record<string, number>> = { x64: 316, arm64: 276, arm: 382, ia32: 353, riscv64: 276, ppc64: 357, s390x: 347 };
/** Absolute names as hexadecimal digits: two to exchange, one to ask for a lease (F_SETLEASE, given back at once). Answers errno. */
const SCRIPT = [
  '$|=1;$0="tac8 exchanges tasks.md";$SIG{IO}="IGNORE";my $n=shift;',
  'while(<STDIN>){my($a,$b)=map{pack("H*",$_)}split;my $e=0;',
  'if(defined $b){$e=$!+0 if syscall($n+0,-100,$a,-100,$b,2)!=0}',
  'elsif(sysopen(my $f,$a,2048)){$e=$!+0 unless fcntl($f,1024,0);close $f}',
  'else{$e=$!+0}print "$e\n"}',
].join('');
const DONE = '0';
const ENOENT = '2';
const EAGAIN = '11';
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
  /** Whether a program has the file open to write in it; false as well where the system cannot tell. */
  isBeingWritten(path: string): Promise<boolean>;
  /** Lets the program go. */
  close(): Promise<void>;
}

const numberHere = (): number | undefined => (process.platform === 'linux' ? NUMBERS[process.arch] : undefined);

export function openExchanger(): Exchanger {
  let helper: Helper | null = null;
  let idle: NodeJS.Timeout | null = null;
  let queue: Promise<unknown> = Promise.resolve();
  /** One question at a time. */
  const ask = (number: number, names: readonly string[]): Promise<string | null> => {
    const answer = queue.then(() => {
      if (helper?.isOver() !== false) helper = startHelper(number);
      if (idle !== null) clearTimeout(idle);
      idle = setTimeout(() => void release(), IDLE_MS);
      idle.unref();
      return helper.ask(names);
    });
    queue = answer.catch(() => null);
    return answer;
  };
  const release = (): Promise<void> => {
    const gone = helper?.close() ?? Promise.resolve();
    helper = null;
    if (idle !== null) clearTimeout(idle);
    idle = null;
    return gone;
  };
  return {
    async exchange(one, two) {
      const number = numberHere();
      if (number === undefined) return 'unsupported';
      const errno = await ask(number, [one, two]);
      if (errno === DONE) return 'done';
      if (errno === null || UNSUPPORTED.has(errno)) return 'unsupported';
      if (PINNED.has(errno)) return 'pinned';
      if (errno === ENOENT) return 'missing';
      throw new Error(`exchanging ${one} and ${two} failed: errno ${errno}`);
    },
    async isBeingWritten(path) {
      const number = numberHere();
      if (number === undefined) return false;
      return (await ask(number, [path]).catch(() => null)) === EAGAIN;
    },
    close: release,
  };
}

interface Helper {
  /** The errno; null: there is no such program. One question at a time. */
  ask(names: readonly string[]): Promise<string | null>;
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
    async ask(names) {
      hold(true);
      const late = setTimeout(() => {
        child.kill('SIGKILL');
        answer?.(new Error(`perl has not answered for ${LIMIT_MS / 1000} s`));
      }, LIMIT_MS);
      const said = await new Promise<string | null | Error>((resolve) => {
        answer = resolve;
        child.stdin?.write(`${names.map(hex).join(' ')}\n`);
      });
      clearTimeout(late);
      answer = null;
      hold(false);
      if (said instanceof Error) throw new Error(`exchanging ${names.join(' and ')} failed: ${said.message}`, { cause: said });
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
