import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { guidanceIn } from '../../agents/ground/guidance.ts';
import type { AgentKind } from '../../agents/ground/kind.ts';
import { promptVariables, type ReadComment, type ReadIssue, readTemplate, render, withGuidance } from '../../agents/ground/prompt.ts';
import type { AgentSettings } from '../../agents/ground/settings.ts';
import { GUIDANCE, kindCalled } from '../../agents/kinds.ts';
import { makeSurroundings } from '../../agents/surroundings.ts';
import type { Run } from '../../core/model/run.ts';
import type { Task } from '../../core/model/task.ts';
import { plainWords } from '../../core/words/sanitise.ts';
import { PortError } from '../../engine/ports/error.ts';
import type { Agents } from '../../engine/ports/machine/agents.ts';
import type { Launch } from '../../engine/ports/machine/workers.ts';
import type { IssueTexts, ShownText } from '../../engine/ports/outside/issue-texts.ts';
import { writeWhole } from '../../files/write-whole.ts';
import { createListening, logOf } from './listening.ts';

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
      const isTold = issue !== null && !continues(run);
      const shown = isTold ? await texts.shown(issue.body) : null;
      const said: ReadComment[] = [];
      for (const { author, body } of isTold ? (issue.said ?? []) : []) said.push({ author, shown: await texts.shown(body) });
      return wrap(
        await prepare(
          settings(run.agent.profile),
          task,
          run,
          issue && { ...issue, shown: shown ?? NOTHING, comments: said },
          workspace.path,
        ),
      );
    },
    interrupt: ({ agent }) => kindCalled(agent.kind)?.interrupt?.() ?? null,
    forbidTools: async (run) => kindCalled(run.agent.kind)?.raiseStop?.(folderOf(settings().root, run)),
    message: ({ agent }, text, uuid) => kindCalled(agent.kind)?.message?.(text, uuid) ?? null,
  };
}

/** The agent that the run was made for. */
function kindFor({ agent }: Run): AgentKind {
  const kind = kindCalled(agent.kind);
  if (kind !== null) return kind;
  throw new PortError('terminal', `this version knows no agent called ${agent.kind}`, {
    hint: 'Another version of tac8 made this run: use that version, or retry the task with this one.',
  });
}

const NOTHING: ShownText = { text: '', left: 0, taken: [], plain: null };

/** It goes on where another ended: the task itself stands in the conversation. */
const continues = (run: Run): run is Run & { readonly resumes: NonNullable<Run['resumes']> } =>
  run.resumes !== null && run.agent.can.resume;

async function prepare(settings: AgentSettings, task: Task, run: Run, issue: ReadIssue | null, worktree: string): Promise<Launch> {
  const prompt = await promptOf(settings, task, run, issue, worktree);
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
    ...launching,
    env,
    cwd: worktree,
    log: logOf(settings.root, run),
    stderr: stderrOf(settings.root, run),
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

/** What persons said while no agent could be told comes with the first message. */
async function promptOf(settings: AgentSettings, task: Task, run: Run, issue: ReadIssue | null, worktree: string): Promise<string> {
  const told = (run.tells ?? [])
    .filter(({ via }) => via === 'prompt')
    .map(({ text, by }) => `\n\n${by === 'pull' ? '' : 'A person adds:\n'}${text}`);
  return `${await taskOf(settings, task, run, issue, worktree)}${told.join('')}`;
}

/** A run that goes on where another ended is told what to do next. */
async function taskOf(settings: AgentSettings, task: Task, run: Run, issue: ReadIssue | null, worktree: string): Promise<string> {
  if (continues(run)) return run.resumes.message;
  const previousFailure = task.state === 'active' && task.last !== null ? `${task.last.type}: ${task.last.message}` : null;
  const { baseBranch, verify } = settings;
  const guidance = guidanceIn(worktree, GUIDANCE, kindFor(run).readsGuidance?.(settings));
  const template = await readTemplate(settings.template);
  const variables = promptVariables(task, run, issue, { worktree, baseBranch, previousFailure, verify, guidance });
  return withGuidance(template, render(template, variables, 'worker_template.md'), guidance);
}
