import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';

/*
 * A process that is killed outright ends nothing of what it started: a git that waits at a named pipe would wait there for ever. So a shell, in no group of
 * these, is told of each that lasts longer than a moment, and hears when there is nobody any more who could tell it anything. Then it gives those that
 * are left a few seconds, in which what works comes to its own end, and ends the others. A number that somebody else has by then is told by its birth.
 */

/** In seconds. */
const GRACE = 5;
/** In ms. Most of what is run is over sooner, and costs nothing more. */
const MOMENT = 50;

const SCRIPT = `set -f
born() {
  line=
  { read -r line </proc/$1/stat; } 2>/dev/null
  set -- \${line##*) }
  birth=
  if [ $# -ge 20 ]; then shift 19; birth=$1; fi
}
left=
while read -r what pid; do
  case $what in
    +) born "$pid"; left="$left $pid:$birth" ;;
    *) others=; for one in $left; do [ "\${one%%:*}" = "$pid" ] || others="$others $one"; done; left=$others ;;
  esac
done
[ -n "$left" ] || exit 0
sleep ${GRACE}
for one in $left; do
  born "\${one%%:*}"
  case $birth in '' | "\${one#*:}") kill -s KILL -- "-\${one%%:*}" ;; esac
done`;

/** Sees to it that groups of processes do not outlive this very process. */
export interface Warden {
  /** The group of this leader has begun. Answers what is called once it has ended. */
  watch(leader: number): () => void;
}

export function createWarden(): Warden {
  const told = new Set<number>();
  let shell: ChildProcess | null = null;

  const say = (what: '+' | '-', leader: number): void => {
    shell?.stdin?.write(`${what} ${leader}\n`);
  };

  function begin(): void {
    const env = { PATH: '/usr/local/bin:/usr/bin:/bin' };
    const begun = spawn('/bin/sh', ['-c', SCRIPT], { cwd: '/', env, detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    shell = begun;
    // Somebody ended it: there is another one for what begins next.
    const gone = (): void => {
      if (shell === begun) shell = null;
    };
    begun.once('error', gone).once('exit', gone);
    begun.stdin.on('error', gone);
    // Nobody waits for it.
    begun.unref();
    if (begun.stdin instanceof Socket) begun.stdin.unref();
    for (const leader of told) say('+', leader);
  }

  const tell = (leader: number): void => {
    told.add(leader);
    if (shell === null) begin();
    else say('+', leader);
  };

  return {
    watch(leader) {
      let timer: NodeJS.Timeout | null = null;
      if (shell === null) timer = setTimeout(tell, MOMENT, leader).unref();
      else tell(leader);
      return () => {
        if (timer !== null) clearTimeout(timer);
        if (told.delete(leader)) say('-', leader);
      };
    },
  };
}
