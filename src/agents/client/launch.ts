import { lstatSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { touchPlainSync } from '../../files/open-plain.ts';
import { writeWhole } from '../../files/write-whole.ts';
import type { AgentKind, ToLaunch } from '../ground/kind.ts';
import { programsOf } from '../ground/mcp.ts';
import type { AgentSettings } from '../ground/settings.ts';
import { RAW } from '../words/raw-log.ts';
import type { ClientSpec } from './driver.ts';
import { tellLine } from './input.ts';

const SPEC = 'client.json';
const FLAG = 'stop-flag';

/** Starts a run by its client. Task and run stand in its command line, for `ps` and `pkill -f gh-450`. */
export const clientLaunch =
  (driver: string): AgentKind['launch'] =>
  async (settings, what) => {
    const { run, folder, prompt } = what;
    const spec = specOf(driver, settings, what);
    await writeWhole(join(folder, SPEC), JSON.stringify(spec));
    const [program, ...client] = settings.client;
    const resume = run.resumes === null ? [] : ['--resume', run.session];
    return {
      argv: [program, ...client, driver, `${run.task} ${run.id}`, join(folder, SPEC), ...resume],
      stdin: { kind: 'fifo', prompt: tellLine(prompt) },
      // The client is a few files of its own package, and keeps the agent's words beside the run's log.
      needs: {
        programs: [...spec.command, ...programsOf(spec.mcp ?? {})],
        read: client.map((path) => dirname(dirname(path))),
        write: [spec.raw],
      },
    };
  };

function specOf(driver: string, settings: AgentSettings, { run, folder, worktree }: ToLaunch): ClientSpec {
  const [program = driver, ...before] = settings.command;
  return {
    ...{
      driver,
      command: [program, ...before, ...settings.args],
      model: run.agent.model ?? settings.model,
      effort: settings.effort ?? null,
    },
    ...{ worktree, folder, raw: join(settings.root, 'logs', `${run.task}.${run.id}${RAW}`), patience: settings.patience },
    ...{ repoSettings: settings.repoSettings, home: settings.home, prices: settings.prices ?? {}, mcp: settings.mcp ?? {} },
  };
}

/** From now on the run's client ends its turn before a further tool begins. */
export async function raiseClientStop(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  touchPlainSync(join(folder, FLAG));
}

/** Since when somebody wants the run to stop, the daemon or a STOP in its worktree; null: nobody does. */
export function stopSince({ folder, worktree }: Pick<ClientSpec, 'folder' | 'worktree'>): number | null {
  const since = [join(folder, FLAG), join(worktree, 'STOP')].flatMap(changedAt);
  return since.length === 0 ? null : Math.min(...since);
}

function changedAt(path: string): readonly number[] {
  try {
    return [lstatSync(path).ctimeMs];
  } catch {
    // Not there, or not to be seen: the daemon's own ladder ends it then.
    return [];
  }
}
