import { mkdirSync } from 'node:fs';
import { watchBoard } from '../adapters/board/index.ts';
import { openSupervisor, type Supervisor } from '../adapters/machine/supervisor.ts';
import { watchFolder } from '../adapters/machine/watch.ts';
import { takeLock } from '../adapters/store/lock.ts';
import { composeDaemon, type Daemon } from '../compose.ts';
import type { HistoryEntry } from '../core/records.ts';
import { openProject, type Project } from '../project.ts';
import { EXIT, Exit } from './exit-codes.ts';
import { paint } from './style.ts';
import { version } from './version.ts';

export interface StartOptions {
  readonly once?: true;
  readonly dryRun?: true;
  readonly json?: true;
}

/** The daemon in the foreground: lock, wake-ups, signals, and one line per thing that happens. */
export async function runDaemon(from: string, options: StartOptions): Promise<void> {
  const project = await openProject(from, process.env);
  mkdirSync(project.state, { recursive: true, mode: 0o700 });
  const lock = takeLock(project.locks, Date.now());
  const say = options.json ? sayJson : sayText;
  let supervisor: Supervisor | null = null;
  try {
    const daemon = composeDaemon({
      project,
      env: process.env,
      onHistory: say,
      standing: () => {
        supervisor?.beat();
        return lock.check();
      },
      tee: options.json ? undefined : warnings,
    });
    supervisor = openSupervisor({ env: process.env, log: daemon.ports.log, rouse: daemon.engine.wake });
    try {
      await daemon.ports.workspaces.prepareRepository();
      await daemon.countOn();
      if (!options.json) greet(project.root, daemon.repo, project.settings.label);
      const stopWatching = watchEverything(project, daemon.engine.wake);
      const stopListening = listenToSignals(daemon.engine);
      const stopServing = await serve(project, daemon);
      if (options.once) daemon.engine.leaveWhenQuiet();
      supervisor?.ready();
      try {
        tellUndone(await daemon.engine.run(), options.once === true);
      } finally {
        supervisor?.leaving();
        stopListening();
        stopWatching();
        await stopServing();
      }
    } finally {
      await supervisor?.close();
      await daemon.close();
    }
  } finally {
    lock.release();
  }
}

async function serve({ settings, state }: Project, { store, ports, forge, engine }: Daemon): Promise<() => Promise<void>> {
  const { serveDaemon } = await import('../http/serve-daemon.ts');
  const sources = { store, version: version(), now: ports.clock.now, pulse: engine.pulse, limits: () => forge?.limits() ?? null };
  return serveDaemon({ http: settings.http, state, env: process.env, sources, interval: () => settings.pollInterval, log: ports.log });
}

/** With --once nobody goes on soon: what stays undone is a failure then. */
function tellUndone(undone: readonly string[], once: boolean): void {
  if (undone.length === 0) return;
  const list = undone.map((what) => `  ${what}`).join('\n');
  if (once) throw new Exit(EXIT.failed, `not all could be done:\n${list}`, 'The next `tac8 start` goes on with it.');
  process.stderr.write(`left for the next \`tac8 start\`:\n${list}\n`);
}

function greet(root: string, repo: string | null, label: string): void {
  const what = repo === null ? 'no GitHub repository: tasks of tasks.md only' : `issues of ${repo} labelled ${label}`;
  process.stdout.write(`${paint('bold', 'tac8')} works on ${root}: ${what}\nThe queue is tasks.md. Ctrl-C drains, twice leaves at once.\n`);
}

function watchEverything(project: Project, wake: () => void): () => void {
  const stops = [
    watchFolder(project.state, (name) => name === 'wake', wake, 0),
    watchBoard(project.board, wake),
    // Agents write often: what they say is taken in a few times a second at most.
    watchFolder(project.logs, (name) => name.endsWith('.jsonl'), wake, 250),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function listenToSignals(engine: { drain(): void; leave(): void }): () => void {
  let asked = false;
  const onSignal = (): void => {
    if (asked) {
      process.stderr.write('leaving now; the workers go on, `tac8 start` takes them up again\n');
      return engine.leave();
    }
    asked = true;
    process.stderr.write('nothing new starts; leaving when the running workers are done (again: leave at once, workers go on)\n');
    engine.drain();
  };
  // How a service ends its daemon: a restart waits for no worker.
  const onLeave = (): void => {
    process.stderr.write('leaving now; the workers go on, the next start takes them up again\n');
    engine.leave();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.on('SIGUSR2', onLeave);
  return () => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
    process.off('SIGUSR2', onLeave);
  };
}

function sayJson(entries: readonly HistoryEntry[]): void {
  for (const entry of entries) process.stdout.write(`${JSON.stringify({ ...entry, at: new Date(entry.at).toISOString() })}\n`);
}

/** What a person follows along: not every small step. */
const QUIET: ReadonlySet<string> = new Set(['settled', 'inspection', 'saved', 'logged', 'input-ended', 'described', 'ordered']);

function sayText(entries: readonly HistoryEntry[]): void {
  for (const { at, task, event, detail } of entries) {
    if (QUIET.has(event)) continue;
    const time = new Date(at).toTimeString().slice(0, 8);
    process.stdout.write(
      `${paint('dim', time)}  ${(task ?? '–').padEnd(8)} ${paint(colourOf(event), event.padEnd(10))} ${detail.split('\n')[0] ?? ''}\n`,
    );
  }
}

function colourOf(event: string): 'green' | 'red' | 'yellow' | 'cyan' {
  if (event === 'completed') return 'green';
  if (event === 'failed' || event === 'problem') return 'red';
  return event === 'blocked' || event === 'again' || event === 'stop' ? 'yellow' : 'cyan';
}

function warnings(level: string, message: string): void {
  if (level === 'warn' || level === 'error') process.stderr.write(`${paint('yellow', level, process.stderr)}: ${message}\n`);
}
