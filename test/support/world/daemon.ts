import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'vitest';
import { stringify } from 'yaml';
import { type FakeGitHub, startFakeGitHub } from '../../../src/forge-fake/server.ts';
import { processesOf } from '../../setup/leftovers.ts';
import { ONE_OF_EACH } from '../forge/one-of-each.ts';
import { type GitRepo, makeGitRepo } from '../git/git-repo.ts';
import { asUser, giveTo } from '../machine/other-user.ts';
import { MAIN } from './built.ts';
import { boxedSettings, inTheBox, isWayOut, proveBefore } from './in-the-box.ts';
import { type Ended, type Program, startProgram, until } from './program.ts';

export const LABEL = 'rpi-auto';
const REPO = { owner: 'acme', name: 'widgets' };

/** One line of `tac8 start --json`. */
export interface Happened {
  readonly at: string;
  readonly task: string | null;
  readonly run: string | null;
  readonly event: string;
  readonly detail: string;
}

/** A running `tac8 start --json`. */
export interface Daemon extends Program {
  happened(): readonly Happened[];
}

/** What `tac8 status --json` says, as far as the tests look at it. */
export interface Status {
  readonly daemon: { readonly pid: number } | null;
  readonly counts: Readonly<Record<string, number>>;
  readonly counters: Readonly<Record<string, number>>;
  readonly parked: { readonly type: string; readonly until: string | null; readonly message: string } | null;
  readonly parked_logins: readonly { readonly login: string; readonly type: string; readonly until: string | null }[];
  readonly issues: { readonly known: boolean; readonly because?: string; readonly count?: number } | null;
  readonly notes: readonly { readonly task: string | null; readonly text: string }[];
  readonly problems: readonly { readonly message: string }[];
  readonly machines: readonly { readonly name: string; readonly answers: boolean }[];
  readonly tasks: readonly TaskStatus[];
}

export interface TaskStatus {
  readonly id: string;
  readonly title: string;
  readonly state: string;
  readonly attempts: number;
  readonly retry_at: string | null;
  readonly reason: { readonly type: string; readonly message: string } | null;
  readonly question: string | null;
  readonly pull: { readonly number: number; readonly url: string } | null;
  readonly run: {
    readonly id: string;
    readonly state: string;
    readonly pid: number | null;
    readonly machine: string | null;
    readonly agent: string;
    readonly last_event_at: string | null;
  } | null;
}

/** A checkout, its GitHub, and tac8 on it: everything below one temporary folder, and nothing of the machine's environment. */
export interface Workplace {
  /** Holds everything, the checkout included. */
  readonly home: string;
  /** The checkout. */
  readonly root: string;
  readonly repo: GitRepo;
  readonly fake: FakeGitHub;
  /** What the programs of the workplace are started with; tests may change it before they start one. */
  readonly env: Record<string, string>;
  /** Who tac8 runs as, where that is another than who runs the tests. */
  readonly user?: number;
  /** Writes `tac8.yaml`: the workplace's own settings, with these in place of theirs. */
  configure(settings?: Readonly<Record<string, unknown>>): void;
  /** A script for `agent: {kind: command}`; its `$1` is the folder for the agents' own notes. */
  agent(script: string): { readonly kind: 'command'; readonly command: readonly string[] };
  /** The folder for the agents' own notes. */
  readonly notes: string;
  /** What happens at the forge from now on happens this much later, by its own clock. */
  forgeClockAhead(ms: number): void;
  /** A new issue, labelled by someone with write access. */
  issue(title: string, body?: string): number;
  tac8(...args: string[]): Promise<Ended>;
  start(): Daemon;
  status(): Promise<Status>;
  /** The text of a file below the checkout; empty while it is not there. */
  read(path: string): string;
  board(): string;
  /** Live processes of the workplace, but for the daemons. */
  strays(): readonly string[];
  /** Polls; what the daemons said stands in the error. */
  until<T>(what: string, look: Parameters<typeof until<T>>[1], within?: number, every?: number): Promise<T>;
}

export interface WorkplaceOptions {
  /** The name of the checkout's folder. */
  readonly name?: string;
  /** Files of the repository's first commit. */
  readonly files?: Readonly<Record<string, string>>;
  readonly label?: string;
  /** What stands in the home before the forge is started there. */
  readonly before?: (home: string) => void;
  /** Whose the checkout is, and who tac8 runs as. Default: who `TAC8_AS_USER` names, by number; else who runs the tests. */
  readonly user?: number;
  /** Requests that the forge allows in an hour. Default: as many as GitHub does. */
  readonly rateLimit?: number;
  /** The main program of another tac8 than the one built from the sources. */
  readonly main?: string;
}

/** Makes a workplace that is taken down when the test has finished, however it finished. */
export async function workplace(context: Pick<TestContext, 'onTestFinished'>, options: WorkplaceOptions = {}): Promise<Workplace> {
  const repo = makeGitRepo({ files: {}, ...(options.name === undefined ? {} : { name: options.name }) });
  const { home, root } = repo;
  const daemons: Daemon[] = [];
  let fake: FakeGitHub | null = null;
  let ahead = 0;
  context.onTestFinished(async () => {
    for (const daemon of daemons) if (daemon.isRunning()) await daemon.end('SIGKILL');
    await endAll(home);
    await fake?.close();
    repo.remove();
  }, 20_000);

  options.before?.(home);
  const files = options.files ?? { 'README.md': 'Widgets.\n' };
  fake = await startFakeGitHub({
    ...{ dir: join(home, 'forge'), repo: REPO, files, users: ONE_OF_EACH, clock: () => Date.now() + ahead },
    ...(options.rateLimit === undefined ? {} : { rateLimit: options.rateLimit }),
  });
  const { url, bare, cloneUrl } = fake;
  const token = fake.addUser({ login: 'tac8-bot', role: 'write' });
  repo.git(['remote', 'add', 'origin', cloneUrl]);
  repo.git(['fetch', '--quiet', bare, '+refs/heads/main:refs/remotes/origin/main']);
  repo.git(['reset', '--quiet', '--hard', 'origin/main']);
  // In the settings that workers share: whoever of tac8 believes them is heard (test/setup/tripwire.ts).
  const wire = process.env.TAC8_TRIPWIRE_SETTINGS;
  if (wire !== undefined) appendFileSync(join(root, '.git/config'), readFileSync(wire));
  const env = environment(home, { GITHUB_TOKEN: token });
  const notes = join(home, 'notes');
  mkdirSync(notes);

  const { user = asUser(), main = MAIN } = options;
  if (user !== undefined) giveTo(user, home, [root, join(home, 'home'), notes]);
  const as = user === undefined ? {} : { user };
  const tac8: Workplace['tac8'] = (...args) => startProgram([process.execPath, main, ...args], { cwd: root, env, ...as }).ended;
  const read = (path: string): string => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : '');
  const said = (): string => daemons.map((daemon) => `daemon ${daemon.pid}:\n${daemon.out()}${daemon.err()}`).join('\n');
  const place: Workplace = {
    ...{ home, root, repo, fake, env, notes, tac8, read, ...as },
    configure: (settings = {}) => {
      const boxed = inTheBox() ? boxedSettings(home, notes) : {};
      writeFileSync(join(root, 'tac8.yaml'), stringify({ ...defaults(url, options.label), ...boxed, ...settings }));
    },
    agent(script) {
      const path = join(home, 'agent.sh');
      writeFileSync(path, script);
      return { kind: 'command', command: ['/bin/sh', path, notes] };
    },
    forgeClockAhead: (ms) => {
      ahead += ms;
    },
    issue: (title, body = '') => placeIssue(place.fake, title, body, options.label ?? LABEL),
    start() {
      if (inTheBox()) proveBefore(join(root, '.tac8'), user);
      const program = startProgram([process.execPath, main, 'start', '--json'], { cwd: root, env, ...as });
      const daemon: Daemon = { ...program, happened: () => historyOf(program.out()) };
      daemons.push(daemon);
      return daemon;
    },
    async status() {
      const { code, out, err } = await tac8('status', '--json');
      if (code !== 0) throw new Error(`tac8 status ended with ${code}: ${err}`);
      return JSON.parse(out) as Status;
    },
    board: () => read('tasks.md'),
    strays: () => {
      const running = new Set(daemons.map(({ pid }) => pid));
      return processesOf(home)
        .filter((one) => !running.has(one.pid) && !(inTheBox() && isWayOut(one)))
        .map(({ pid, command, by }) => `${pid} (${by}) ${command}`);
    },
    until: (what, look, within = 60_000, every = 25) => {
      const why = (): string => `${said()}\n${read('tasks.md')}\n${read('logs/tac8.log').slice(-3000)}\n${complaintsOf(root)}`;
      const daemon = daemons.at(-1);
      const looked = async () => {
        const found = await look();
        // Nothing will come any more: say so at once.
        if (!found && daemon?.child.exitCode != null) throw new Error(`the daemon has ended before: ${what}\n${why()}`);
        if (/"msg":"tick: /.test(read('logs/tac8.log'))) throw new Error(`the daemon’s loop has failed before: ${what}\n${why()}`);
        return found;
      };
      return until(what, looked, { within, every, why });
    },
  };
  place.configure();
  return place;
}

/** Where programs are, and nothing else of this machine. */
export const environment = (home: string, more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  PATH: `${dirname(process.execPath)}:${process.env.PATH ?? ''}`,
  HOME: join(home, 'home'),
  TMPDIR: home,
  LANG: 'C.UTF-8',
  NO_COLOR: '1',
  ...more,
});

const defaults = (url: string, label = LABEL): Record<string, unknown> => ({
  label,
  poll_interval: '200ms',
  github: { api_url: url },
  limits: { min_free_memory: '16MiB', min_free_disk: '16MiB' },
  stop: { tool: '200ms', interrupt: '200ms', terminate: '500ms', kill: '2s' },
  http: { port: 0 },
});

const placeIssue = (fake: FakeGitHub, title: string, body: string, label: string): number =>
  fake.createIssue('wil', { title, body, labels: [label] });

/** Whole lines only; a daemon that was killed may have left half of one. */
function historyOf(out: string): readonly Happened[] {
  return out
    .split('\n')
    .slice(0, -1)
    .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Happened] : []));
}

/** What agents wrote to stderr. */
function complaintsOf(root: string): string {
  const logs = join(root, 'logs');
  const names = existsSync(logs) ? readdirSync(logs).filter((name) => name.endsWith('.stderr.log')) : [];
  return names.map((name) => `${name}: ${readFileSync(join(logs, name), 'utf8')}`).join('\n');
}

/** Ends every process that has to do with the folder, by its number, until none is left. */
async function endAll(home: string): Promise<void> {
  await until(
    `the end of all processes of ${home}`,
    () => {
      const left = processesOf(home);
      for (const { pid } of left) kill(pid);
      return left.length === 0;
    },
    { why: () => JSON.stringify(processesOf(home)) },
  );
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
