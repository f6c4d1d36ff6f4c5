import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { userSystemd } from '../../support/machine/systemd.ts';
import { SOURCES as MAIN } from '../../support/world/built.ts';
import { workplace } from '../../support/world/daemon.ts';

/** The daemon as a unit of a real systemd: stops, restarts and crashes leave the workers alone. */

/** Says who it is, works until it is let go, and commits. */
const AGENT = `
echo $$ >>"$1/pids"
while [ ! -e "$1/go" ]; do sleep 0.1; done
echo done >done.txt && git add -A && git commit -qm "Done"
`;

interface State {
  readonly active: string;
  readonly pid: number;
  readonly restarts: number;
  readonly enabled: boolean;
  readonly file: string;
  readonly unit: string;
}

test(
  'a unit of systemd is installed, its restarts and crashes leave the worker alone, a hang ends it, and it is taken away',
  { timeout: 180_000 },
  async (context) => {
    // Blanks, a percent sign, quotes and a dollar: a unit has a meaning for each.
    const place = await workplace(context, { name: `it's 100% "a" $HOME\\r` });
    const systemd = await userSystemd(context, join(place.home, 'x'), place.env);
    if (typeof systemd === 'string') return context.skip(systemd);
    place.configure({ agent: place.agent(AGENT) });
    mkdirSync(join(place.root, '.tac8'), { mode: 0o700 });
    writeFileSync(join(place.root, '.tac8/service.env'), `GITHUB_TOKEN=${place.env.GITHUB_TOKEN}\n`, { mode: 0o600 });
    place.issue('Work long');
    const tac8 = async (...args: string[]): Promise<State> => {
      const said = await systemd.run([process.execPath, MAIN, '-C', place.root, 'service', ...args, '--json']);
      if (said.code !== 0) throw new Error(`service ${args.join(' ')} ended with ${said.code}: ${said.err}${said.out}`);
      return JSON.parse(said.out) as State;
    };
    const systemctl = async (...args: string[]): Promise<void> => {
      const said = await systemd.run(['systemctl', '--user', ...args]);
      expect(said, args.join(' ')).toMatchObject({ code: 0 });
    };
    const pids = (): readonly string[] => {
      const path = join(place.notes, 'pids');
      return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
    };
    const run = async () => (await place.status()).tasks[0]?.run;

    const installed = await tac8('install');
    expect(installed).toMatchObject({ active: 'active', enabled: true, restarts: 0 });
    expect(readFileSync(installed.file, 'utf8')).toContain('KillMode=process');
    await place.until('the worker', () => pids().length === 1);
    const first = await place.until('the run', async () => ((await run())?.state === 'running' ? await run() : null));

    // Waits that are shorter than a person would want them.
    mkdirSync(`${installed.file}.d`);
    writeFileSync(join(`${installed.file}.d`, 'soon.conf'), '[Service]\nWatchdogSec=8s\nRestartSec=1s\n');
    await systemctl('daemon-reload');
    const restarted = (before: State) => async (): Promise<State | null> => {
      const state = await tac8('status').catch(() => null);
      return state !== null && state.pid !== before.pid && state.restarts > before.restarts ? state : null;
    };

    await systemctl('restart', installed.unit);
    const second = await tac8('status');
    expect(second.pid).not.toBe(installed.pid);
    await systemctl('kill', '--kill-whom=main', '--signal=KILL', installed.unit);
    const third = await place.until('the start after a crash', restarted(second));
    // A daemon that stands still is ended by the watchdog.
    await systemctl('kill', '--kill-whom=main', '--signal=STOP', installed.unit);
    await place.until('the start after a hang', restarted(third));

    // All the while it was one run, of one process.
    expect(pids()).toHaveLength(1);
    expect(await run()).toMatchObject({ id: first?.id, state: 'running', pid: first?.pid });
    writeFileSync(join(place.notes, 'go'), '');
    await place.until('the pull', () => place.fake.state.issues.some(({ pull }) => pull !== null));
    await place.until('the end of the task', async () => (await place.status()).counts.completed === 1);
    expect((await place.status()).counters).toMatchObject({ workers_launched: 1, workers_completed: 1 });

    await tac8('uninstall');
    expect(existsSync(installed.file)).toBe(false);
    expect((await place.status()).daemon).toBeNull();
    expect(readdirSync(join(place.env.HOME ?? '', '.config/systemd/user')).filter((name) => name.endsWith('.service'))).toEqual([]);
  },
);
