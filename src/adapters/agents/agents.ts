import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hostsOf } from '../../agents/ground/mcp.ts';
import { type ReadIssue, render } from '../../agents/ground/prompt.ts';
import type { AgentSettings } from '../../agents/ground/settings.ts';
import { kindCalled } from '../../agents/kinds.ts';
import { makeSurroundings } from '../../agents/surroundings.ts';
import type { Run } from '../../core/model/run.ts';
import type { Task } from '../../core/model/task.ts';
import { plainWords } from '../../core/words/sanitise.ts';
import type { Agents } from '../../engine/ports/machine/agents.ts';
import type { Needs } from '../../engine/ports/machine/box.ts';
import type { Launch } from '../../engine/ports/machine/workers.ts';
import type { IssueTexts } from '../../engine/ports/outside/issue-texts.ts';
import { writeWhole } from '../../files/write-whole.ts';
import { createListening, logOf } from './listening.ts';
import { continues, kindFor, promptOf, readIssue } from './prompt-of.ts';

/** Where a run's stderr goes, and its own folder. */
export const stderrOf = (root: string, run: Run): string => join(root, 'logs', `${run.task}.${run.id}.stderr.log`);
export const folderOf = (root: string, run: Run): string => join(root, '.tac8', 'runs', run.id);

/** Puts what is launched into a sandbox. */
export type Wrap = (launch: Launch) => Promise<Launch>;

/** The agents that tac8 can launch. `settings`: of the one of that name, or of the one under `agent`. `texts` reads what strangers wrote. */
export function createAgents(
  settings: (profile?: string) => AgentSettings,
  texts: IssueTexts,
  wrap: Wrap = async (launch) => launch,
): Agents {
  return {
    ...createListening(settings),
    prepare: async (task, run, issue, workspace) => {
      const read = issue === null ? null : await readIssue(issue, continues(run) ? null : texts);
      return wrap(await prepare(settings(run.agent.profile), task, run, read, workspace.path));
    },
    interrupt: ({ agent }) => kindCalled(agent.kind)?.interrupt?.() ?? null,
    forbidTools: async (run) => kindCalled(run.agent.kind)?.raiseStop?.(folderOf(settings().root, run)),
    message: ({ agent }, text, uuid) => kindCalled(agent.kind)?.message?.(text, uuid) ?? null,
  };
}

const NOTHING: Needs = { programs: [], read: [], write: [] };

async function prepare(settings: AgentSettings, task: Task, run: Run, issue: ReadIssue | null, worktree: string): Promise<Launch> {
  const prompt = promptOf(settings, task, run, issue, { worktree, guided: worktree });
  const folder = folderOf(settings.root, run);
  const promptFile = join(folder, 'prompt.md');
  const kind = kindFor(run);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const env = await makeSurroundings(kind, settings, task.id);
  await writeWhole(promptFile, prompt);
  const launching = await kind.launch(withRest(settings, task), { task, run, prompt, promptFile, folder, worktree, render });
  return {
    run: run.id,
    task: task.id,
    ...(run.agent.profile !== undefined && { profile: run.agent.profile }),
    ...launching,
    needs: { ...(launching.needs ?? NOTHING), hosts: hostsOf(settings.mcp ?? {}) },
    env,
    cwd: worktree,
    log: logOf(settings.root, run),
    stderr: stderrOf(settings.root, run),
    ...(Object.keys(settings.prices ?? {}).length > 0 && { prices: settings.prices }),
    note: issue === null || issue.shown.plain === null ? null : plainWords(issue.shown.plain),
  };
}

/** Of the task's dollars what its earlier runs have left; the last of them keep a run that is meant to end soon from beginning with none. */
function withRest(settings: AgentSettings, { spent }: Task): AgentSettings {
  const { usdPerTask } = settings.limits;
  if (usdPerTask === null || spent === undefined) return settings;
  const rest = Math.max(0.01, Number((usdPerTask - spent.usd).toFixed(4)));
  return { ...settings, limits: { ...settings.limits, usdPerTask: rest } };
}
