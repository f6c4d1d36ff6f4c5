import { relative } from 'node:path';
import { composeLookout } from '../../compose/lookout.ts';
import { agentName, noAgent } from '../../core/agent/which.ts';
import type { TaskId } from '../../core/model/task.ts';
import { PortError } from '../../engine/ports/error.ts';
import { type FoundPrompt, lookPrompt } from '../../inquiry/prompt.ts';
import { openProject } from '../../place/project.ts';
import { cleanLine, cleanText } from '../../transcript/show/clean.ts';
import { EXIT, Exit } from '../ground/exit-codes.ts';
import { say, sayAside } from '../ground/say.ts';

/** Of English text and code; each model counts in its own way. */
const BYTES_PER_TOKEN = 4;

/** Prints what an agent would be told, to the byte where it is piped. */
export async function showPrompt(from: string, task: TaskId, options: { readonly agent?: string; readonly json?: true }): Promise<void> {
  const project = await openProject(from, process.env);
  const lookout = await composeLookout(project, process.env);
  try {
    const looking = lookPrompt(lookout, project, task, options.agent ?? null, process.env, Date.now());
    const found = await looking.catch((error: unknown) => {
      // Whether there is such an issue is not known; that tac8 has no such task is.
      if (!(error instanceof PortError) || lookout.store.task(task) !== null) throw error;
      throw new Exit(
        EXIT.refused,
        `there is no task ${task} here, and GitHub cannot be asked for such an issue: ${error.message}`,
        error.hint,
      );
    });
    if (found === null) throw new Exit(EXIT.refused, `there is no task ${task}`, '`tac8 status` shows the tasks.');
    if (found === 'agent') throw new Exit(EXIT.refused, noAgent(project.settings.agents, options.agent ?? ''));
    if (options.json === true) say(`${JSON.stringify(asJson(task, found), null, 2)}\n`);
    else {
      say(process.stdout.isTTY ? cleanText(found.prompt) : found.prompt);
      sayAside(aside(task, found, project.root));
    }
  } finally {
    lookout.close();
  }
}

function asJson(task: TaskId, { prompt, parts, agent, attempt, goesOn, guided }: FoundPrompt): object {
  const bytes = Buffer.byteLength(prompt);
  return {
    task,
    agent: { name: agent.profile ?? 'default', kind: agent.kind, model: agent.model },
    attempt,
    goes_on: goesOn,
    bytes,
    tokens: Math.ceil(bytes / BYTES_PER_TOKEN),
    parts,
    guidance_of: guided,
    prompt,
  };
}

function aside(task: TaskId, { prompt, parts, agent, attempt, guided }: FoundPrompt, root: string): string {
  const bytes = Buffer.byteLength(prompt);
  const size = `${bytes.toLocaleString('en')} bytes, about ${Math.ceil(bytes / BYTES_PER_TOKEN).toLocaleString('en')} tokens`;
  const lines = [`${task}, attempt ${attempt}, ${agentName(agent)}: ${size}`];
  if (parts === null) lines.push('The conversation goes on: the agent is told this alone.');
  else {
    const own = parts.filter(({ from }) => from !== null);
    lines.push(own.length === 0 ? 'All of it is built in.' : `Yours: ${own.map(({ from }) => from).join(', ')}. The rest is built in.`);
    if (guided === root) lines.push('There is no worktree yet: the repository’s guidance is that of this checkout.');
    else lines.push(`The repository’s guidance is that of ${relative(root, guided)}.`);
  }
  return `\n${lines.map((line) => cleanLine(line)).join('\n')}\n`;
}
