import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, type TestContext } from 'vitest';
import { layTripwire } from '../../setup/tripwire.ts';
import { environment, type Workplace, workplace } from '../../support/world/daemon.ts';
import type { Attack, Scene } from './attack.ts';
import { plainly } from './git.ts';

/** What came of an attack: whether its canary was heard under the daemon, and in its twin; or what went wrong. */
export interface Seen {
  readonly what: string;
  readonly heard: boolean;
  readonly twin: boolean;
  readonly own: string;
  readonly others: string;
}

export interface Stage {
  attack(attack: Attack): Promise<Seen>;
  end(): Promise<number | null>;
}

const ENDED = new Set(['completed', 'failed', 'blocked', 'cancelled', 'canceled']);
/** Of a task. */
export const DONE = 'completed';
const PATIENCE = 100_000;

/** A daemon, and a repository whose shared settings are put back after each attack. */
export async function raise(context: Pick<TestContext, 'onTestFinished'>, user: number | undefined): Promise<Stage> {
  // The wire of the whole run would be touched by the twins: there is one of this stage's own.
  const settings = process.env.TAC8_TRIPWIRE_SETTINGS;
  delete process.env.TAC8_TRIPWIRE_SETTINGS;
  const place = await workplace(context, { rateLimit: 1_000_000, ...(user === undefined ? {} : { user }) }).finally(() => {
    if (settings !== undefined) process.env.TAC8_TRIPWIRE_SETTINGS = settings;
  });
  const wire = await layTripwire();
  context.onTestFinished(() => wire.close());
  place.env.A_SECRET = 'canary';
  place.configure({
    max_concurrent_workers: 2,
    worktrees: { keep_completed: '24h' },
    agent: {
      ...place.agent(`
read -r canary <"$1/canary"
[ -z "$A_SECRET" ] || : >"$canary"
echo "$TAC8_TASK" >done.txt; echo a >a.txt; git add -A; git -c commit.gpgSign=false commit -qm work
case $TAC8_TASK in gh-*) until [ -e "$1/$TAC8_TASK.go" ]; do sleep 0.05; done ;; esac
if [ -s "$1/$TAC8_TASK.go" ]; then
  . "$1/$TAC8_TASK.go" >"$1/said" 2>&1
  echo b >a.txt; echo new >new.txt
fi
[ ! -e "$1/last" ] || cat "$1/last"
exit 0`),
      env: [],
    },
  });
  const daemon = place.start();
  const as = user === undefined ? {} : { uid: user, gid: user };
  const env = {
    ...environment(place.home),
    GIT_TERMINAL_PROMPT: '0',
    ...Object.fromEntries(
      ['AUTHOR', 'COMMITTER'].flatMap((who) => [
        [`GIT_${who}_NAME`, 'x'],
        [`GIT_${who}_EMAIL`, 'x@x'],
      ]),
    ),
  };
  // Not waited for by the thread: the forge and the wire are in this process.
  const person: Scene['person'] = ([program, ...args], cwd = place.root) =>
    new Promise((resolve) => {
      execFile(program, args, { cwd, env, timeout: 20_000, killSignal: 'SIGKILL', ...as }, (error, out) =>
        resolve({ code: error === null ? 0 : (error.code ?? null), out }),
      );
    });
  const go = (number: number, script = ''): void => {
    writeFileSync(join(place.notes, 'go.new'), script);
    renameSync(join(place.notes, 'go.new'), join(place.notes, `gh-${number}.go`));
  };
  /** `gone`: its worker is, whatever becomes of the task. */
  const ended = async (number: number, gone = false): Promise<string> => {
    const isEnd = (event: string): boolean => ENDED.has(event) || (gone && event === 'ended');
    const look = () => daemon.happened().find(({ task, event }) => task === `gh-${number}` && isEnd(event));
    const { event, detail } = await place.until(`the end of gh-${number}`, look, PATIENCE);
    return event === DONE ? DONE : `${event}: ${detail}`;
  };
  const done = async (title: string, body?: string): Promise<string> => {
    const number = place.issue(title, body);
    go(number);
    return ended(number);
  };
  /** Held back by a person before it could begin. */
  const held = async (): Promise<string> => {
    await place.tac8('pause');
    const number = place.issue('Held back');
    go(number);
    await place.until('it waits', async () => (await place.status()).tasks.some(({ id }) => id === `gh-${number}`), PATIENCE);
    await place.tac8('pause', `gh-${number}`);
    await place.tac8('resume');
    return `gh-${number}`;
  };
  await place.until('the daemon', async () => (await place.status()).daemon !== null, PATIENCE);
  const kept = keep(place);

  let n = 0;
  const read = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');
  // An attack may take the file away: then it is where it was.
  let url = '';
  const where = (): string => {
    const told = read(join(place.root, '.tac8/http.json'));
    if (told !== '') url = (JSON.parse(told) as { url: string }).url;
    return url;
  };
  await place.until('the address of the daemon', () => where() !== '', PATIENCE);
  const attack = async (one: Attack): Promise<Seen> => {
    n += 1;
    const folder = join(place.home, 'home', `attack-${n}`);
    mkdirSync(folder);
    const [canary, program] = [join(folder, 'canary'), join(folder, 'program')];
    writeFileSync(program, `#!/bin/sh\n[ -n "$TAC8_RUN" ] || : >${canary}\nexec cat\n`, { mode: 0o755 });
    writeFileSync(join(place.notes, 'canary'), `${canary}\n`);
    if (user !== undefined) own(user, folder);
    const waiting = one.holds === true ? await held() : 'none';
    const number = place.issue(one.what, one.body);
    const task = `gh-${number}`;
    const before = wire.heard.length;
    const scene: Scene = {
      ...{ place, wire, task, canary, program, folder, person, done, held: waiting, notes: place.notes },
      tree: join(place.root, 'trees', task),
      heard: () => existsSync(canary) || wire.heard.length > before,
      said: () => read(join(place.notes, 'said')),
      answers: async () => {
        return fetch(`${where()}/healthz`, { signal: AbortSignal.timeout(10_000) }).then(
          ({ ok }) => ok,
          () => false,
        );
      },
      stays: async (look) => {
        for (let tries = 0; tries < 12 && (await look()); tries += 1) await pause(250);
        return look();
      },
      leaves: () => {
        const { issues, comments } = place.fake.state;
        const pulls = issues.filter(({ pull, title }) => pull !== null && title.includes(one.what));
        return [
          ...pulls.flatMap(({ title, body }) => [title, body ?? '']),
          ...comments.filter(({ issue }) => issue === number).map(({ body }) => body),
        ].join('\n');
      },
    };
    const sounds = async (): Promise<boolean> => (one.sounds === undefined ? scene.heard() : one.sounds(scene));
    await one.before?.(scene);
    if (user !== undefined) own(user, folder);
    go(number, one.script(scene));
    if (one.meanwhile !== undefined) {
      await place.until('its worker', () => existsSync(join(place.notes, 'ready')), PATIENCE);
      await one.meanwhile(scene);
    }
    const itself = await ended(number, one.endsItself);
    const others = await done('Of somebody else');
    await place.tac8('diff', task);
    const heard = await sounds();
    const twin = (await (one.twin ?? plainly)(scene)) === true || (await sounds());
    await one.undo?.(scene);
    kept.putBack();
    for (const name of ['ready', 'last', 'said']) rmSync(join(place.notes, name), { force: true });
    return { what: `${one.point}: ${one.what}`, heard, twin, own: one.endsItself === true ? DONE : itself, others };
  };
  const end = async (): Promise<number | null> => {
    // It may be beginning anew, by the reload of the last attack’s twin.
    expect(await done('The last')).toBe(DONE);
    // A log that cannot be read is waited for, longer than this is: its run is left to the next start.
    await place.tac8('stop', '--now');
    return (await daemon.ended).code;
  };
  return { attack, end };
}

const own = (user: number, folder: string): void => void spawnSync('chown', ['-R', `${user}:${user}`, folder]);

/** What the workers share of git, as it stood before. */
function keep({ home, root }: Workplace): { putBack(): void } {
  const [git, aside] = [join(root, '.git'), join(home, 'aside')];
  const names = ['config', 'config.worktree', 'info', 'hooks', 'HEAD', 'packed-refs'];
  mkdirSync(aside);
  const there = names.filter((name) => existsSync(join(git, name)));
  for (const name of there) spawnSync('cp', ['-a', join(git, name), aside]);
  return {
    putBack() {
      for (const name of names) rmSync(join(git, name), { recursive: true, force: true });
      for (const name of there) spawnSync('cp', ['-a', join(aside, name), git]);
    },
  };
}
