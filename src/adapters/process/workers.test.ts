import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { liveIn, makeWorld, signal, until, type World } from '../../../test/fixtures/processes/world.ts';
import type { ProcessIdentity } from '../../core/model/run.ts';
import type { RunId } from '../../core/model/task.ts';
import type { ProcessSeen } from '../../engine/ports/machine/workers.ts';
import type { ContainmentKind } from './hold/containment.ts';
import { isZombie, readStat } from './proc/proc.ts';
import { createWorkers } from './workers.ts';

const RUN: RunId = 'w-0000aa';

for (const kind of ['cgroup', 'pidns', 'sweep'] as const) {
  describe.skipIf(!isPossible(kind))(`workers held together by ${kind}`, () => {
    let world: World;
    beforeEach(() => {
      world = makeWorld(kind);
    });
    afterEach(async () => {
      expect(await world.close(), 'processes left running by the test').toBe(0);
    });
    const start = async (fixture: string): Promise<ProcessIdentity> => {
      const identity = await world.workers.launch(world.launchOf(RUN, fixture));
      await world.line(RUN, 'ready');
      return identity;
    };
    const ended = (identity: ProcessIdentity | null): Promise<ProcessSeen> => world.ended(RUN, identity);
    /** What a machine cannot do it says; that is all that is asked of it then. */
    const isDeaf = () => world.workers.containment().why.includes('SIGINT ignored');
    const isBlind = () => world.workers.containment().why.includes('hides');
    /** A namespace ends with its agent: nothing can remain of it. */
    const afterEnd = kind === 'pidns' ? 'gone' : 'remains';

    it('was never launched', async () => {
      expect(await world.workers.probe(RUN, null)).toEqual({ kind: 'never' });
    });

    it('launches with exactly the given arguments, environment, folder and prompt', async () => {
      const script = 'printf "%s\\0" "$@"; env -0; pwd; cat; grep -E "Sig(Ign|Cgt)|NSsid" /proc/self/status';
      const odd = ['it\'s "quoted"', 'two\nlines\n', '', '$(touch pwned) `x` \\ *', '-n', '🙂'];
      const env = { PATH: '/usr/bin:/bin', i: 'x', KEY: 'a b\'c"d\n$HOME\n', EMPTY: '', tac8: 'y' };
      const launch = world.launchOf(RUN, 'none', {
        argv: ['/bin/sh', '-c', script, 'sh', ...odd],
        env,
        stdin: { kind: 'file', prompt: 'the prompt' },
      });
      const identity = await world.workers.launch(launch);
      expect(await ended(identity)).toMatchObject({ kind: 'gone', exit: { code: 0 } });
      const out = world.log(RUN);
      const parts = out.split('\0');
      expect(parts.slice(0, odd.length)).toEqual(odd);
      const markers = { TAC8_RUN: RUN, TAC8_TASK: 'gh-450', TAC8_RUN_DIR: join(world.runsDir, RUN), PWD: launch.cwd };
      const got = Object.fromEntries(
        parts.slice(odd.length, -1).map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
      );
      for (const own of ['SHLVL', '_', 'OLDPWD']) delete got[own]; // some shells add these to what they were given
      expect(got).toEqual({ ...env, ...markers });
      expect(out).toContain(`${launch.cwd}\nthe prompt`);
      if (!isDeaf()) expect(out, 'no signal is ignored from the start').toContain('SigIgn:\t0000000000000000');
      expect(out, 'a session of its own').not.toContain('pwned\n');
      expect(readFileSync(launch.stderr, 'utf8')).toBe('');
      expect(readFileSync(join(world.runsDir, RUN, 'parent.err'), 'utf8')).toBe('');
    });

    it('shows the agent as ps shows it, and not its parent, to a search for the task', async () => {
      const { pid } = await start('ignores-term');
      expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).toContain('gh-450');
      const others = liveIn(world.runsDir);
      expect(others.length).toBeGreaterThan(0);
      for (const other of others) {
        expect(readFileSync(`/proc/${other}/cmdline`, 'utf8'), `process ${other}`).not.toMatch(/gh-450|ignores|w-0000aa/);
        expect(readFileSync(`/proc/${other}/environ`, 'latin1')).not.toMatch(/(^|\0)TAC8_/);
      }
      const identity = await world.workers.launch(world.launchOf(RUN, 'ignores-term'));
      expect(identity.pid).toBe(pid);
      expect(await world.workers.signal(RUN, identity, 'SIGKILL')).toMatchObject({ left: 0 });
      await ended(identity);
    });

    it('learns the exit code of an agent that ends by itself', async () => {
      const identity = await world.workers.launch(world.launchOf(RUN, 'exits-3'));
      expect(await ended(identity)).toEqual({ kind: 'gone', exit: { code: 3, at: expect.any(Number) }, rebooted: false });
      expect(await world.workers.probe(RUN, null), 'found again without an identity').toMatchObject({ kind: 'gone', exit: { code: 3 } });
      expect(readdirSync(join(world.runsDir, RUN))).not.toContain('exit.new');
    });

    it('says 127 for a program that is not there', async () => {
      const identity = await world.workers.launch(world.launchOf(RUN, 'none', { argv: ['no-such-agent'] }));
      expect(await ended(identity)).toMatchObject({ kind: 'gone', exit: { code: 127 } });
      expect(readFileSync(world.launchOf(RUN, 'none').stderr, 'utf8')).toContain('no-such-agent');
    });

    it('says what is wrong when the log cannot be opened', async () => {
      const launch = world.launchOf(RUN, 'succeeds', { log: '/nonexistent/folder/log' });
      await expect(world.workers.launch(launch)).rejects.toThrow(/did not come up.*nonexistent/s);
      expect(await world.workers.probe(RUN, null)).toMatchObject({ kind: 'gone' });
    });

    it.each([
      ['SIGINT', 'ends-by-int', 7],
      ['SIGTERM', 'half-line', 143],
      ['SIGTERM', 'result-never-exits', 143],
      ['SIGTERM', 'floods', 143],
    ] as const)('%s ends %s with %i', async (name, fixture, code) => {
      if (name === 'SIGINT' && isDeaf()) return;
      const identity = await start(fixture);
      expect(await world.workers.signal(RUN, identity, name)).toMatchObject({ reached: 1 });
      const seen = await ended(identity);
      expect(seen).toMatchObject({ exit: { code } });
      if (seen.kind === 'remains') expect(await world.workers.signal(RUN, identity, 'SIGKILL')).toMatchObject({ left: 0 });
      expect(await world.workers.probe(RUN, identity)).toMatchObject({ kind: 'gone', exit: { code } });
    });

    it('sees that SIGTERM did not help', async () => {
      const identity = await start('ignores-term');
      expect(await world.workers.signal(RUN, identity, 'SIGTERM')).toMatchObject({ reached: 1 });
      expect(await world.workers.probe(RUN, identity)).toMatchObject({ kind: 'alive' });
      expect(await world.workers.signal(RUN, identity, 'SIGKILL')).toMatchObject({ left: 0 });
      expect(await ended(identity)).toMatchObject({ kind: 'gone', exit: { code: 137 } });
    });

    it.each([
      'other-session',
      'double-forks',
      'clears-environment',
      'floods',
      'half-line',
      'result-never-exits',
      'ignores-term',
      'echoes',
      'vanishes',
      'moves-away',
    ])('SIGKILL ends the whole tree of %s', async (fixture) => {
      if (['vanishes', 'moves-away'].includes(fixture) && isBlind()) return;
      const identity = await world.workers.launch(world.launchOf(RUN, fixture, { stdin: { kind: 'fifo', prompt: '' } }));
      await world.line(RUN, 'ready');
      const seen = await world.workers.signal(RUN, identity, 'SIGKILL');
      expect(seen.left).toBe(0);
      expect(await ended(identity)).toMatchObject({ kind: 'gone', exit: { code: 137 }, rebooted: false });
      await until(() => liveIn(world.dir).length === 0, `nothing to be left`, 1000);
    });

    it.each([
      ['other-session', 143],
      ['double-forks', 143],
      ['clears-environment', 143],
      ['vanishes', 143],
      ['moves-away', 143],
      ['holds-stdout', 0],
    ] as const)('sees what %s leaves behind at its end, and ends it', async (fixture, code) => {
      if (['vanishes', 'moves-away'].includes(fixture) && isBlind()) return;
      const identity = await start(fixture);
      await world.workers.probe(RUN, identity);
      if (code === 143) signal(identity.pid, 'SIGTERM');
      expect(await ended(identity)).toMatchObject({ kind: afterEnd, exit: { code } });
      expect(await world.workers.signal(RUN, identity, 'SIGKILL')).toMatchObject({ left: 0 });
      expect(await world.workers.probe(RUN, identity)).toMatchObject({ kind: 'gone', exit: { code } });
      await until(() => liveIn(world.dir).length === 0, `nothing to be left`, 1000);
    });

    it.each([
      ['SIGTERM', 143],
      ['SIGKILL', 137],
      ['SIGINT', 130],
    ] as const)('a person sends %s to everything that bears the task: the exit record says %i', async (name, code) => {
      if (name === 'SIGINT' && isDeaf()) return;
      const identity = await world.workers.launch(world.launchOf(RUN, 'none', { argv: ['sleep', '1000450'] }));
      const words = () => readFileSync(`/proc/${identity.pid}/cmdline`, 'utf8');
      await until(() => words() === 'sleep\0' + '1000450\0', 'the agent to be itself');
      const hit = liveIn(world.dir).filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('1000450'));
      expect(hit).toContain(identity.pid);
      for (const pid of hit) signal(pid, name);
      const seen = await ended(identity);
      expect(seen).toMatchObject({ exit: { code } });
      await world.workers.signal(RUN, identity, 'SIGKILL');
    });

    it('keeps the record though its parent is sent every signal it can stand', async () => {
      const identity = await start('half-line');
      const parent = Number(readFileSync(join(world.runsDir, RUN, 'launched'), 'utf8').split(' ')[0]);
      for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const) signal(parent, name);
      await until(() => {
        signal(parent, 'SIGUSR1');
        return readdirSync(join(world.runsDir, RUN)).includes('closed');
      }, 'the parent to take its signals');
      expect(await world.workers.probe(RUN, identity)).toMatchObject({ kind: 'alive' });
      signal(parent, 'SIGTERM');
      signal(identity.pid, 'SIGKILL');
      signal(parent, 'SIGTERM');
      expect(await ended(identity)).toMatchObject({ exit: { code: 137 } });
      await world.workers.signal(RUN, identity, 'SIGKILL');
    });

    it('says that nobody recorded the end when the parent was killed first', async () => {
      const identity = await start('half-line');
      const parent = Number(readFileSync(join(world.runsDir, RUN, 'launched'), 'utf8').split(' ')[0]);
      signal(parent, 'SIGKILL');
      await until(() => isDead(parent), 'the parent to die');
      expect(await world.workers.probe(RUN, identity)).toMatchObject({ kind: 'alive' });
      await world.workers.signal(RUN, identity, 'SIGKILL');
      expect(await ended(identity)).toEqual({ kind: 'gone', exit: null, rebooted: false });
    });
  });
}

function isPossible(kind: ContainmentKind): boolean {
  try {
    return createWorkers({ runsDir: '/nowhere', containment: kind }).containment().kind === kind;
  } catch {
    return false;
  }
}

function isDead(pid: number): boolean {
  const stat = readStat(pid);
  return stat === null || isZombie(stat);
}
