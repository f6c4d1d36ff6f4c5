/*
 * The first process of a container or PID namespace is given every orphan, and has to ask for its exit status or it stays a zombie for
 * ever. Node asks only for those it started itself. So when tac8 is that first process, a shell takes its place: it starts tac8 anew as
 * its child, hands signals on, collects orphans while it waits, and ends as tac8 ends.
 */
const FIRST_PROCESS = `
"$@" <&0 &
child=$! got= maybe=
trap 'got=1; kill -TERM "$child"' TERM
trap 'got=1; kill -HUP "$child"' HUP
trap 'got=1; kill -USR2 "$child"' USR2
if [ -t 0 ]; then # the terminal tells the whole group
  trap 'got=1' INT QUIT
else
  trap 'got=1; kill -INT "$child"' INT
  trap 'got=1; kill -QUIT "$child"' QUIT
fi
while :; do
  got=
  wait "$child"
  code=$?
  [ "$code" = 127 ] && [ -n "$maybe" ] && code=$maybe && break
  [ -n "$got" ] && [ "$code" -gt 128 ] || break
  maybe=$code
done
exit "$code"
`;

/**
 * To be called before anything else. Does nothing unless this is the first process; then it does not return: the process becomes the
 * shell, and tac8 runs as a child of it with the same arguments and environment.
 */
export function makeWayForInit(): void {
  if (process.pid !== 1 || process.execve === undefined) return;
  const again = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  process.execve('/bin/sh', ['sh', '-c', FIRST_PROCESS, 'tac8-init', ...again], process.env);
}
