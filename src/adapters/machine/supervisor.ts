import type { Log } from '../../engine/ports/records/log.ts';
import { runChild } from '../process/child/child.ts';

/** What started the daemon and wants to be told how it is: systemd, or whoever else gives a NOTIFY_SOCKET. */
export interface Supervisor {
  /** All is begun that a start begins. */
  ready(words?: string): void;
  /** The loop was at its beginning just now. */
  beat(): void;
  leaving(): void;
  /** Stops telling, and waits for what is under way. */
  close(): Promise<void>;
}

export interface SupervisorOptions {
  /** NOTIFY_SOCKET and WATCHDOG_USEC are taken out of it: no child is to speak for the daemon. */
  readonly env: Record<string, string | undefined>;
  readonly log: Log;
  /** Asks the loop for a beat: an idle one sleeps for as long as it likes. */
  readonly rouse: () => void;
}

const TOLD_WITHIN = 10_000;

/**
 * Null where nobody asks. Node has no datagram sockets of the local kind, so a small program is started for each message: systemd-notify,
 * else perl. The watchdog is fed only when the loop has begun a tick since the last time: a daemon that hangs is ended and started anew.
 */
export function openSupervisor({ env, log, rouse }: SupervisorOptions): Supervisor | null {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: usec, PATH: path = '/usr/bin:/bin' } = env;
  delete env.NOTIFY_SOCKET;
  delete env.WATCHDOG_USEC;
  delete env.WATCHDOG_PID;
  if (socket === undefined || socket === '') return null;
  let pending: Promise<void> = Promise.resolve();
  const notify = (...lines: string[]): void => {
    pending = pending
      .then(() => send(socket, path, lines))
      .catch((error: unknown) => log.warn(`the supervisor is not told: ${String(error)}`));
  };
  let alive = true;
  const within = Number(usec ?? 0) / 1000;
  const timer = within > 0 ? setInterval(feed, within / 3) : null;
  function feed(): void {
    if (alive) notify('WATCHDOG=1');
    alive = false;
    rouse();
  }
  return {
    ready: (words = 'works') => notify('READY=1', `STATUS=${words}`, `MAINPID=${process.pid}`),
    beat: () => {
      alive = true;
    },
    leaving: () => notify('STOPPING=1', 'STATUS=leaves'),
    async close() {
      if (timer !== null) clearInterval(timer);
      await pending;
    },
  };
}

const PERL =
  'use Socket; my $p=shift; $p=~s/^@/\\0/; my $s; socket($s,AF_UNIX,SOCK_DGRAM,0) && send($s,join("\\n",@ARGV),0,sockaddr_un($p)) or die "$!\\n"';

async function send(socket: string, path: string, lines: readonly string[]): Promise<void> {
  const env = { PATH: path, NOTIFY_SOCKET: socket };
  const refused = await run('systemd-notify', lines, env);
  if (refused === null) return;
  const again = await run('/usr/bin/perl', ['-e', PERL, socket, ...lines], env);
  if (again !== null) throw new Error(`systemd-notify: ${refused}; perl: ${again}`);
}

/** Null when it worked. */
async function run(file: string, args: readonly string[], env: Record<string, string>): Promise<string | null> {
  const { end, err } = await runChild(file, args, { env, timeoutMs: TOLD_WITHIN, output: { most: 4_096, beyond: 'drop' } });
  if (end.kind === 'exit' && end.code === 0) return null;
  return err.toString().trim() || (end.kind === 'not started' ? end.error.message : `${file} ended: ${end.kind}`);
}
