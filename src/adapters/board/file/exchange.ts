import { execFile } from 'node:child_process';
import { codeOf } from './file.ts';

/*
 * renameat2 with RENAME_EXCHANGE: two names change places in one step, so that what a person saved a moment ago comes out under the
 * other name instead of being gone. Node has no call for it; perl-base, part of every Debian, can make any system call.
 */

const NUMBERS: Readonly<Record<string, number>> = { x64: 316, arm64: 276, arm: 382, ia32: 353, riscv64: 276, ppc64: 357, s390x: 347 };
const SCRIPT = 'my ($n,$a,$b)=@ARGV; exit 0 if syscall($n+0,-100,$a,-100,$b,2)==0; print $!+0; exit 1;';
const ENOENT = '2';
/** EPERM (a sandbox), EINVAL (the file system), ENOSYS (the kernel), EOPNOTSUPP. */
const UNSUPPORTED = new Set(['1', '22', '38', '95']);
/** EBUSY, EXDEV: the name is a mount of its own. */
const PINNED = new Set(['16', '18']);

export type Exchanged = 'done' | 'missing' | 'unsupported' | 'pinned';

/** Lets two paths of one file system change places. `missing`: one is not there; `pinned`: a bind mount, to be written in place. */
export function exchange(one: string, two: string): Promise<Exchanged> {
  const number = process.platform === 'linux' ? NUMBERS[process.arch] : undefined;
  if (number === undefined) return Promise.resolve('unsupported');
  return new Promise((resolve, reject) => {
    const args = ['-e', SCRIPT, String(number), one, two];
    execFile('/usr/bin/perl', args, { env: {}, timeout: 10_000, encoding: 'utf8' }, (error, stdout, stderr) => {
      const errno = stdout.trim();
      if (error === null) resolve('done');
      else if (codeOf(error) === 'ENOENT' || UNSUPPORTED.has(errno)) resolve('unsupported');
      else if (PINNED.has(errno)) resolve('pinned');
      else if (errno === ENOENT) resolve('missing');
      else reject(new Error(`exchanging ${one} and ${two} failed: errno ${errno || 'unknown'} ${stderr.trim()}`, { cause: error }));
    });
  });
}
