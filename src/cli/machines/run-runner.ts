import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Database, openDatabase } from '../../adapters/machines/database.ts';
import { type Fleet, readFleet } from '../../adapters/machines/fleet.ts';
import { composeDaemon, composeTexts } from '../../compose/daemon.ts';
import { lockRepository } from '../../compose/premises.ts';
import { PortError } from '../../engine/ports/error.ts';
import { runnerProject, serveRunner } from '../../machines/runner.ts';
import { notUnderstood } from '../../machines/there/versions.ts';
import { EXIT, Exit } from '../ground/exit-codes.ts';
import { paint } from '../ground/style.ts';
import { version } from '../ground/version.ts';

export interface RunnerCall {
  readonly join: string;
  readonly dir: string;
  readonly name: string;
  readonly slots: number;
  readonly schema: string;
  readonly labels: readonly string[];
  readonly retireAt?: number;
}

const ASK_AGAIN_MS = 2_000;

/** A runner in the foreground, until a signal. Its workers live on. Postgres has to be there when it begins; later it may come and go. */
export async function runRunner(call: RunnerCall): Promise<void> {
  const left = signals();
  const env = { ...process.env };
  const database = await openDatabase(addressOf(call.join, env), call.schema);
  try {
    for (let isTold = false; !left.signal.aborted; isTold = true) {
      const trouble = await serveUntilGone(database, call, env, left);
      if (trouble === null) return;
      if (!isTold) say(`${trouble.message}: tries again`);
      await Promise.race([gone(left.signal), new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS))]);
    }
  } finally {
    await database.close();
  }
}

/** Null: it was told to leave. Else what was in the way of its beginning and may pass. */
async function serveUntilGone(
  database: Database,
  { dir, name, slots, labels, retireAt }: RunnerCall,
  env: NodeJS.ProcessEnv,
  left: AbortController,
): Promise<PortError | null> {
  const onRetired = (): void => {
    if (!left.signal.aborted) say('its time is over, and nothing of it runs any more');
    left.abort();
  };
  const ends: (() => void | Promise<void>)[] = [];
  try {
    const fleet = await fleetOf(database, left.signal);
    if (fleet === null) return null;
    const refusal = notUnderstood(fleet, version());
    if (refusal !== null) throw new Exit(EXIT.failed, refusal);
    const root = resolve(dir);
    const project = await runnerProject(root, fleet, env);
    mkdirSync(project.state, { recursive: true, mode: 0o700 });
    const lock = lockRepository(project);
    ends.push(lock.release);
    const daemon = composeDaemon({ project, env, texts: composeTexts(), tee: (level, message) => say(`${level}: ${message}`) });
    ends.push(() => daemon.close());
    await daemon.ports.workspaces.prepareRepository();
    ends.push(
      await serveRunner({ database, daemon, project, name, slots, version: version(), labels, retireAt: retireAt ?? null, onRetired, say }),
    );
    say(`${paint('bold', 'tac8 runner')} ${name} works in ${root}, with ${slots} slots`);
    await gone(left.signal);
    say('leaving; the workers go on');
    return null;
  } catch (error) {
    if (error instanceof PortError && error.sort === 'retryable') return error;
    throw error;
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

const say = (words: string): void => void process.stdout.write(`${new Date().toTimeString().slice(0, 8)}  ${words}\n`);

/** Every worker could read an address on the command line: it may stand in a variable instead. */
export function addressOf(join: string, env: NodeJS.ProcessEnv): string {
  const name = /^env:(\w+)$/.exec(join)?.[1];
  const url = name === undefined ? join : (env[name] ?? '');
  if (/^postgres(?:ql)?:\/\//.test(url)) return url;
  throw new Exit(
    EXIT.usage,
    name === undefined
      ? '--join takes an address that begins with postgres://'
      : `--join: the environment variable ${name} holds no address that begins with postgres://`,
  );
}

/** A coordinator that was never there has not said yet what is to be done. Null: not waited for any longer. */
async function fleetOf(database: Database, signal: AbortSignal): Promise<Fleet | null> {
  let isTold = false;
  while (!signal.aborted) {
    const fleet = await readFleet(database);
    if (fleet !== null) return fleet;
    if (!isTold) say('waits for the first start of the coordinator');
    isTold = true;
    await Promise.race([gone(signal), new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS))]);
  }
  return null;
}

const gone = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve());
  });

function signals(): AbortController {
  const left = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => left.abort());
  return left;
}
