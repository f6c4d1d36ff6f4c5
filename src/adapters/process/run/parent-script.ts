import { OWN_CGROUPS, OWN_CGROUPS_SCRIPT } from '../hold/containment.ts';

/*
 * The tiny parent of one run, for any POSIX shell (dash, busybox, bash). It lives outside the agent's cgroup, namespace and marker, so that
 * whatever ends the agent leaves the record of how it ended. It is started with the run's folder as its working directory and a command
 * line that says nothing of the task, so that `pkill -f gh-450` finds the agent and not its parent.
 *
 * Files, all in the run's folder: `launch` is read; written are
 *   launched  "PID START BOOT" of this parent; made with O_EXCL: who makes it launches, everyone else leaves
 *   pid       "PID START BOOT KIND" of the agent, written by the agent's own process before it becomes the agent
 *   init      "PID START" of the namespace's or box's first process; `code` its agent's exit code (containment pidns without a box)
 *   box       what the box around the agent shows, for bwrap; `filter` the system calls it refuses; where there is a box
 *   feeder    "PID START" of the process that writes the prompt into the FIFO
 *   in        the FIFO that is the agent's stdin; `closed` is made when its write end here is closed (SIGUSR1)
 *   exit      "CODE UPTIME", by rename; a third word `oom` where the kernel ended a process of it for want of memory
 * A reader takes a file for written when it ends with a newline. Where the agent may be at work already, a file is opened for reading and writing
 * (\`<>\`): a named pipe that the agent has put there would hold whoever opens it to write.
 *
 * Killed with SIGKILL at any point: before `launched` nothing has happened; between `launched` and `pid` the agent's process is known by its
 * working directory; after it by its identity. Only the exit record is lost then, and its absence says so.
 *
 * In a box the agent's process cannot see its own pid as the machine has it: this parent learns it from bwrap and the kernel, writes it down, and
 * only then the process becomes the agent. Killed before, the agent's process finds the pipe ended, and leaves.
 *
 * It is made a subreaper before it starts, where the machine has what that takes and no box is around the agent: then orphans become its
 * children instead of nobody's, whatever cgroup they have moved to, and it stays until the last of them is gone.
 *
 * The agent's environment comes as tac8__e0, tac8__e1, … = NAME=value: nothing of it acts on this shell, nothing is written to disk.
 */
export const PARENT_SCRIPT = `# The parent of one run; see parent-script.ts.
tac8__self() { # pid and start time of the process that calls it
  { read -r tac8__line <"/proc/$1/stat"; } 2>/dev/null || return 1
  tac8__pid=\${tac8__line%% *}
  tac8__line=\${tac8__line##*) }
  set -- $tac8__line
  tac8__start=\${20}
}

tac8__enter() { # the agent's input and output, and its cgroup; $1: what holds it where there is none
  if [ "$tac8__stdin" = fifo ]; then
    exec <in 3>&- 4>&-
  else
    exec <stdin
  fi
  exec >>"$tac8__log"
  if [ "$tac8__kind" = cgroup ]; then
    { echo 0 >"$tac8__cgroup/cgroup.procs"; } 2>/dev/null || tac8__kind=$1
  fi
  { echo 300 >/proc/self/oom_score_adj; } 2>/dev/null
}

tac8__agent() { # becomes the agent
  tac8__enter sweep
  exec 2>>"$tac8__stderr"
  tac8__self self
  echo "$tac8__pid $tac8__start $tac8__boot $tac8__kind" >pid || exit 125
  if [ "$tac8__kind" = pidns ]; then
    mount -t proc proc /proc || exit 125
  fi
  tac8__become "$@"
}

tac8__become() { # the last step: its folder, its environment, a session of its own
  cd "$tac8__cwd" || exit 125
  unset PATH OLDPWD
  tac8__i=0
  while [ "$tac8__i" -lt "$tac8__count" ]; do
    eval "tac8__v=\\$tac8__e$tac8__i"
    unset "tac8__e$tac8__i"
    export "$tac8__v"
    tac8__i=$((tac8__i + 1))
  done
  TAC8_RUN=$tac8__run TAC8_TASK=$tac8__task TAC8_RUN_DIR=$tac8__dir
  export TAC8_RUN TAC8_TASK TAC8_RUN_DIR
  if [ "$tac8__kind" = pidns ] && [ -n "$tac8__uid" ]; then # root was only borrowed to mount /proc
    set -- "$tac8__unshare" --user "--map-user=$tac8__uid" "--map-group=$tac8__gid" -- "$@"
  fi
  if [ "$tac8__kind" = cgroup ] && [ -n "$tac8__cgroupmount" ]; then # sees no cgroup but its own, and can move to no other
    set -- "$tac8__unshare" ${OWN_CGROUPS.join(' ')} "$tac8__sh" -c '${OWN_CGROUPS_SCRIPT}' "$tac8__mount" "$tac8__cgroup" "$tac8__cgroupmount" "$@"
  fi
  # A background job of a shell without job control starts with SIGINT and SIGQUIT ignored, and a shell cannot undo that.
  case $tac8__reset in
    env) exec "$tac8__resetter" --default-signal=INT,QUIT "$tac8__setsid" -- "$@" ;;
    perl) exec "$tac8__resetter" -e '$SIG{INT} = $SIG{QUIT} = "DEFAULT"; exec { $ARGV[0] } @ARGV or exit 127' -- "$tac8__setsid" -- "$@" ;;
    *) exec "$tac8__setsid" -- "$@" ;;
  esac
}

tac8__boxed() { # becomes the box around the agent; its first process is this script with the word "boxed"
  # 6: bwrap tells there who that is, then closes it. 5 stays: with nobody to read, bwrap would die of telling, and leave what it has begun waiting for ever.
  exec 8>&- 6>&9
  tac8__enter pidns
  echo "$tac8__kind" >&9
  exec 8>>"$tac8__stderr" 3<box 4<filter
  exec "$tac8__box" --args 3 --seccomp 4 --info-fd 6 -- "$tac8__sh" ./parent boxed
}

tac8__meet() { # learns from the box who the agent is, writes it down, and only then lets it become the agent
  tac8__agentpid=
  while read -r tac8__word tac8__line <&5; do
    case $tac8__word in
      cgroup | pidns) tac8__kind=$tac8__word ;;
      '"child-pid":') tac8__first=\${tac8__line%%[!0-9]*} ;;
      up)
        tac8__self "$tac8__first" && echo "$tac8__pid $tac8__start" >init
        read -r tac8__agentpid tac8__line <"/proc/$tac8__first/task/$tac8__first/children"
        tac8__self "$tac8__agentpid" && echo "$tac8__pid $tac8__start $tac8__boot $tac8__kind" >pid && echo go >&8
        break
        ;;
    esac
  done
  exec 5<&- 8>&-
}

tac8__clear() { # the cgroup, and the one common to all runs when this was the last; where something lives in it, both stay
  [ "$tac8__kind" = cgroup ] && { rmdir "$tac8__cgroup" && rmdir "\${tac8__cgroup%/*}"; } 2>/dev/null
}

tac8__memory() { # whether the kernel ended something in the cgroup for want of memory: known only as long as the cgroup is there
  tac8__oom=
  [ -r "$tac8__cgroup/memory.events" ] || return 0
  while read -r tac8__word tac8__number; do
    [ "$tac8__word" = oom_kill ] && [ "$tac8__number" -gt 0 ] && tac8__oom=' oom'
  done <"$tac8__cgroup/memory.events"
  return 0
}

tac8__await() { # waits for the child $1 through any number of trapped signals; its exit code in tac8__code
  tac8__maybe=
  while :; do
    tac8__got=
    wait "$1"
    tac8__code=$?
    # The job was waited for already, in a round that a signal made doubtful.
    [ "$tac8__code" = 127 ] && [ -n "$tac8__maybe" ] && tac8__code=$tac8__maybe && return
    [ -n "$tac8__got" ] && [ "$tac8__code" -gt 128 ] || return
    tac8__maybe=$tac8__code
  done
}

tac8__got=
trap 'tac8__got=1' HUP INT QUIT TERM ALRM USR2 PIPE

if [ "\${1-}" = init ]; then # the first process of a PID namespace; /proc is still the outer one
  . ./launch
  read -r tac8__boot </proc/sys/kernel/random/boot_id
  tac8__self self
  echo "$tac8__pid $tac8__start" >init
  tac8__agent "$@" &
  tac8__await $!
  rm -f code
  echo "$tac8__code" 1<>code
  exit "$tac8__code" # everything else in the namespace ends with this process
fi

if [ "\${1-}" = boxed ]; then # the first process of a box; only what the box shows is there
  . ./launch
  exec 5<&0 2>&8
  {
    exec <&5 5<&- 9>&-
    read -r tac8__word <&7
    [ "$tac8__word" = go ] || exit 125 # nobody has written down who this is
    exec 7<&- 8>&-
    tac8__become "$@"
  } &
  tac8__child=$!
  exec </dev/null >/dev/null 2>&1 5<&- 7<&- 8>&-
  [ -z "$tac8__bridge" ] || /usr/bin/perl ./bridge 9>&- # once it listens; else the agent's first words would find nobody
  echo up >&9
  exec 9>&-
  tac8__await "$tac8__child"
  exit "$tac8__code" # everything else in the box ends with this process
fi

trap 'tac8__got=1; exec 3>&-; { :; } <>closed' USR1
read -r tac8__boot </proc/sys/kernel/random/boot_id
tac8__self "$$"
set -C
{ echo "$tac8__pid $tac8__start $tac8__boot" >launched; } 2>/dev/null || exit 0
set +C
. ./launch
if [ "$tac8__stdin" = fifo ]; then
  mkfifo -m 600 in && exec 3<>in && exec 4>in
fi
if [ -n "$tac8__box" ]; then
  mkfifo -m 600 born gate && exec 6<>born && exec 5<born 9>born && exec 6<>gate && exec 7<gate 8>gate && exec 6>&- && rm born gate
  tac8__boxed "$@" &
elif [ "$tac8__kind" = pidns ]; then
  "$tac8__setsid" "$tac8__unshare" --mount --pid --fork --kill-child $tac8__userns -- "$tac8__sh" ./parent init 3>&- 4>&- &
else
  tac8__agent "$@" &
fi
tac8__child=$!
[ -z "$tac8__box" ] || exec 7<&- 9>&-
if [ "$tac8__stdin" = fifo ]; then
  cat stdin >&4 3>&- 4>&- 5<&- 8>&- 2>/dev/null &
  tac8__feeder=$!
  exec 4>&-
  tac8__self "$tac8__feeder" && tac8__feederstart=$tac8__start && echo "$tac8__feeder $tac8__start" 1<>feeder
fi
[ -z "$tac8__box" ] || tac8__meet
tac8__await "$tac8__child"
if [ "$tac8__kind" = pidns ] && [ -z "$tac8__box" ]; then # unshare ends with 1 when the namespace's first process was killed
  tac8__code=
  [ -f code ] && tac8__code=$(head -c 4 code)
  case $tac8__code in '' | *[!0-9]*) tac8__code=137 ;; esac
fi
trap '' HUP INT QUIT TERM ALRM USR1 USR2 PIPE
exec 3>&-
if [ "$tac8__stdin" = fifo ] && tac8__self "$tac8__feeder" && [ "$tac8__start" = "$tac8__feederstart" ]; then
  kill "$tac8__feeder" 2>/dev/null
fi
read -r tac8__up tac8__line </proc/uptime
{ tac8__memory; } 2>/dev/null
tac8__tries=0
until rm -f exit.new && echo "$tac8__code $tac8__up$tac8__oom" 1<>exit.new && mv -f exit.new exit; do # a full disk passes; what else is in the way does not
  tac8__tries=$((tac8__tries + 1))
  [ -e launched ] && [ ! -d exit.new ] && [ "$tac8__tries" -lt 3600 ] || { tac8__clear; exit 1; }
  sleep 1
done
tac8__clear
while :; do # orphans of the agent that this process has adopted: as its children they stay known
  tac8__line=
  read -r tac8__line <"/proc/$$/task/$$/children"
  [ -n "$tac8__line" ] || break
  sleep 0.2 2>/dev/null || sleep 1
done
tac8__clear
exit 0
`;
