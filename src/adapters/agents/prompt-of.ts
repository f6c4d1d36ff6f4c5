import { guidanceIn } from '../../agents/ground/guidance.ts';
import type { AgentKind } from '../../agents/ground/kind.ts';
import { promptVariables, type ReadComment, type ReadIssue, tell } from '../../agents/ground/prompt.ts';
import { readTemplate } from '../../agents/ground/prompt-parts.ts';
import type { AgentSettings } from '../../agents/ground/settings.ts';
import { GUIDANCE, kindCalled } from '../../agents/kinds.ts';
import type { Issue } from '../../core/model/forge.ts';
import type { Run } from '../../core/model/run.ts';
import type { Task } from '../../core/model/task.ts';
import { sanitiseLine } from '../../core/words/sanitise.ts';
import { PortError } from '../../engine/ports/error.ts';
import type { IssueTexts, ShownText } from '../../engine/ports/outside/issue-texts.ts';

/** What of a run decides what its agent is told. */
export type ToTell = Pick<Run, 'attempt' | 'agent' | 'resumes' | 'tells' | 'takesOver'>;

/** The agent that the run was made for. */
export function kindFor({ agent }: Pick<Run, 'agent'>): AgentKind {
  const kind = kindCalled(agent.kind);
  if (kind !== null) return kind;
  throw new PortError('terminal', `this version knows no agent called ${agent.kind}`, {
    hint: 'Another version of tac8 made this run: use that version, or retry the task with this one.',
  });
}

/** It goes on where another ended: the task itself stands in the conversation. */
export const continues = <R extends Pick<Run, 'agent' | 'resumes'>>(run: R): run is R & { readonly resumes: NonNullable<Run['resumes']> } =>
  run.resumes !== null && run.agent.can.resume;

const NOTHING: ShownText = { text: '', left: 0, taken: [], plain: null };

/** Null for `texts`: nothing of its text is told. */
export async function readIssue(issue: Issue, texts: IssueTexts | null): Promise<ReadIssue> {
  const shown = texts === null ? NOTHING : await texts.shown(issue.body);
  const comments: ReadComment[] = [];
  for (const { author, body } of texts === null ? [] : (issue.said ?? []))
    comments.push({ author, shown: (await texts?.shown(body)) ?? NOTHING });
  return { ...issue, shown, comments };
}

/** Where the task works, and where the repository's guidance is looked for: another place before there is a worktree. */
interface Places {
  readonly worktree: string;
  readonly guided: string;
}

/** What persons said while no agent could be told comes with the first message. */
export function promptOf(settings: AgentSettings, task: Task, run: ToTell, issue: ReadIssue | null, places: Places): string {
  const told = (run.tells ?? [])
    .filter(({ via }) => via === 'prompt')
    .map(({ text, by }) => `\n\n${by === 'pull' ? '' : 'A person adds:\n'}${text}`);
  return `${taskOf(settings, task, run, issue, places)}${continues(run) ? '' : takenOver(run)}${told.join('')}`;
}

/** What another agent did until its provider cut it off stands in the worktree. */
function takenOver({ takesOver }: ToTell): string {
  if (takesOver === undefined) return '';
  const doing = takesOver.doing === null ? '' : `\nThe last thing that it did: ${sanitiseLine(takesOver.doing)}`;
  return `
Another agent (${takesOver.agent}) began this task, and its provider cut it off (${takesOver.because}). What it did so far stands in this worktree: read
git log and git status first, and go on from there instead of beginning anew.${doing}
`;
}

/** A run that goes on where another ended is told what to do next. */
function taskOf(settings: AgentSettings, task: Task, run: ToTell, issue: ReadIssue | null, { worktree, guided }: Places): string {
  if (continues(run)) return run.resumes.message;
  const previousFailure = task.state === 'active' && task.last !== null ? `${task.last.type}: ${task.last.message}` : null;
  const { baseBranch, verify } = settings;
  const guidance = guidanceIn(guided, GUIDANCE, kindFor(run).readsGuidance?.(settings));
  const variables = promptVariables(task, run, issue, { worktree, baseBranch, previousFailure, verify, guidance });
  return tell(readTemplate(settings.template, run.agent.profile), variables);
}
