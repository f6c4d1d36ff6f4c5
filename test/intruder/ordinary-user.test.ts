import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type OnTestFinishedHandler, test } from 'vitest';
import { layTripwire } from '../setup/tripwire.ts';
import { canBeRunBy, NOBODY } from '../support/machine/other-user.ts';
import { MAIN } from '../support/world/built.ts';
import { environment, workplace } from '../support/world/daemon.ts';

/*
 * The same intruder under a running daemon of root, and of a user who may do nothing but what is theirs: who has no cgroup of their own to make, and
 * no other process to look into. It leaves programs and addresses in all that is shared, orders what only a person may, rewrites the settings, and
 * leaves a process behind that bears no sign of it. The canary is a file, a server, a variable, a task that is held back, and that process.
 */

const USERS = [
  ['the one who runs the tests', undefined],
  ...(canBeRunBy(NOBODY, process.execPath, MAIN) ? ([['an ordinary user', NOBODY]] as const) : []),
] as const;

const NODE = `${process.execPath} --disable-warning=ExperimentalWarning`;
/** In another session, without its environment, parent and name. */
const HIDDEN = `(env -i PATH=/usr/bin:/bin setsid sh -c 'printf kworker/0:1 >/proc/self/comm; sleep 1000; :' canary-that-lives &)`;

test.each(USERS)('an intruder under a daemon of %s', { timeout: 240_000 }, async (_, user) => {
  const hooks: (() => unknown)[] = [];
  const context = { onTestFinished: (hook: OnTestFinishedHandler) => void hooks.push(() => hook({} as never)) };
  try {
    const place = await workplace(context, user === undefined ? {} : { user });
    const wire = await layTripwire();
    hooks.push(() => wire.close());
    place.env.A_SECRET = 'canary';
    const canary = join(place.notes, 'canary');
    // What the workers' own git starts is theirs.
    const program = join(place.notes, 'program');
    writeFileSync(program, `#!/bin/sh\n[ -n "$TAC8_RUN" ] || touch ${canary}\nexec cat\n`);
    chmodSync(program, 0o755);
    const settings = {
      'http.proxy': wire.url,
      'http.extraHeader': 'X-Canary: 1',
      'core.sshCommand': program,
      'core.fsmonitor': program,
      'core.hooksPath': join(place.notes, 'hooks'),
      'credential.helper': `!${program}`,
      'remote.origin.proxy': wire.url,
      'remote.origin.receivepack': program,
      [`url.${wire.url}/.insteadOf`]: place.fake.url,
      'filter.x.clean': program,
      'diff.external': program,
    };
    writeFileSync(
      join(place.home, 'attack.sh'),
      [
        ...Object.entries(settings).map(([key, value]) => `git config '${key}' "${value.replaceAll('"', '\\"')}"`),
        `mkdir -p "$1/hooks"; for hook in pre-push post-checkout pre-commit reference-transaction; do cp ${program} "$1/hooks/$hook"; done`,
        `echo '* filter=x' >"$(git rev-parse --git-common-dir)/info/attributes"`,
        `for words in 'resume gh-2' 'reload' 'cancel gh-2' 'remote accept'; do ${NODE} ${MAIN} -C ${place.root} $words >>"$1/said" 2>&1; echo "left with $?" >>"$1/said"; done`,
        `sed -i 's/env: \\[\\]/env: [A_SECRET]/' ${join(place.root, 'tac8.yaml')}`,
        HIDDEN,
      ].join('\n'),
    );
    place.configure({
      max_concurrent_workers: 2,
      agent: {
        ...place.agent(`
echo "\${A_SECRET-nothing}" >>"$1/secrets"
echo "$TAC8_TASK" >done.txt; git add -A; git commit -qm work
if [ "$TAC8_TASK" = gh-1 ]; then until [ -e "$1/go" ]; do sleep 0.1; done; . ${join(place.home, 'attack.sh')}; fi
exit 0`),
        env: [],
      },
    });
    place.issue('The intruder');
    const daemon = place.start();
    await place.until('it works', async () => (await place.status()).counts.active === 1, 100_000);
    expect((await place.tac8('pause')).code).toBe(0);
    place.issue('Held back');
    await place.until('it waits', async () => (await place.status()).counts.pending === 1, 100_000);
    expect((await place.tac8('pause', 'gh-2')).code).toBe(0);
    expect((await place.tac8('resume')).code).toBe(0);
    writeFileSync(join(place.notes, 'go'), '');
    await place.until('the intruder is done', async () => (await place.status()).counts.completed === 1, 100_000);
    await place.until('nothing of it lives', () => sleepers().length === 0, 100_000);

    expect((await place.tac8('resume', 'gh-2')).code).toBe(0);
    await place.until('the other is done', async () => (await place.status()).counts.completed === 2, 100_000);
    expect(place.fake.state.issues.filter(({ pull }) => pull !== null)).toHaveLength(2);
    const said = readFileSync(join(place.notes, 'said'), 'utf8');
    // From inside a process namespace the door cannot be seen, which is a refusal, too.
    expect(said.match(/^left with [15]$/gm)).toHaveLength(4);
    expect(said.match(/belongs to the worker|does not take orders/g)).toHaveLength(4);
    expect(readFileSync(join(place.notes, 'secrets'), 'utf8')).toBe('nothing\nnothing\n');
    expect({ canary: existsSync(canary), heard: wire.heard }).toEqual({ canary: false, heard: [] });
    expect((await daemon.end('SIGTERM')).code).toBe(0);

    // Twin: what all this does to a git that believes it.
    const env = environment(place.home);
    const as = user === undefined ? {} : { uid: user, gid: user };
    spawnSync('git', ['status'], { cwd: place.root, env, ...as });
    expect(existsSync(canary)).toBe(true);
  } finally {
    for (const hook of hooks.reverse()) await hook();
  }
});

/** Found by what it was started with, which it cannot take back. */
function sleepers(): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('canary-that-lives');
    } catch {
      return false;
    }
  });
}
