import { Liquid, LiquidError } from 'liquidjs';
import type { Issue } from '../../core/model/forge.ts';
import type { Run } from '../../core/model/run.ts';
import type { Task } from '../../core/model/task.ts';
import { issueBlock, sanitiseLine } from '../../core/words/sanitise.ts';
import { PortError } from '../../engine/ports/error.ts';
import type { ShownText } from '../../engine/ports/outside/issue-texts.ts';
import { includedIn, type Template } from './prompt-parts.ts';

/** What a template can name. Everything that came from the forge is sanitised; `issue.body` is a delimited block. */
export interface PromptVariables {
  readonly issue: {
    readonly number: number;
    readonly title: string;
    readonly body: string;
    readonly url: string;
    readonly labels: readonly string[];
    readonly author: string;
  } | null;
  readonly task: { readonly id: string; readonly title: string; readonly priority: number };
  readonly worktree: string;
  readonly branch: string;
  readonly base_branch: string;
  readonly attempt: number;
  /** Why the attempt before failed; null on the first. */
  readonly previous_failure: string | null;
  /** What tac8 runs after the work, `pulls.verify`; null: nothing. */
  readonly verify: string | null;
  /** What the repository tells whoever works in it: AGENTS.md and the like. Null: nothing, or the agent reads it by itself. */
  readonly guidance: string | null;
}

/** An issue, and what shows of its text. */
export type ReadIssue = Issue & { readonly shown: ShownText; readonly comments?: readonly ReadComment[] };

/** What somebody who may write said under it. */
export interface ReadComment {
  readonly author: string;
  readonly shown: ShownText;
}

/** Where a run works, and what is known of it. */
interface Place {
  readonly worktree: string;
  readonly baseBranch: string;
  readonly previousFailure: string | null;
  readonly verify: string | null;
  readonly guidance: string | null;
}

export function promptVariables(task: Task, { attempt }: Pick<Run, 'attempt'>, issue: ReadIssue | null, place: Place): PromptVariables {
  const title = sanitiseLine(issue?.title ?? task.title);
  return {
    issue: issue && {
      number: issue.number,
      title,
      body: issueBlock(issue.title, issue.shown, issue.comments),
      url: sanitiseLine(issue.url),
      labels: issue.labels.map((label) => sanitiseLine(label)),
      author: sanitiseLine(issue.author ?? ''),
    },
    task: { id: task.id, title, priority: task.priority },
    worktree: place.worktree,
    branch: task.branch,
    base_branch: place.baseBranch,
    attempt,
    previous_failure: place.previousFailure === null ? null : sanitiseLine(place.previousFailure),
    verify: place.verify,
    guidance: place.guidance,
  };
}

/** What an agent is told. The repository's guidance reaches it also by a template that does not place it: it stands at its end then. */
export function tell(template: Template, variables: PromptVariables): string {
  const { guidance } = variables;
  const included = includedIn(template);
  const texts = Object.fromEntries(Object.entries(template.parts).map(([name, { text }]) => [name, text]));
  // Each alone first: a mistake is told with the name of the file that it stands in.
  for (const name of included)
    if (template.parts[name]?.from !== null) render(texts[name] ?? '', variables, `worker_template/${name}.md`, texts);
  const prompt = render(template.text, variables, 'worker_template.md', texts);
  const isPlaced = [template.text, ...included.map((name) => texts[name] ?? '')].some((text) => /\{\{-? ?guidance\b/.test(text));
  if (guidance === null || isPlaced) return prompt;
  return `${prompt.trimEnd()}\n\nThe repository's guidance for whoever works in it:\n\n${guidance}\n`;
}

const LIMITS = { parseLimit: 1e6, renderLimit: 500, memoryLimit: 1e7 };
const TRIES = 5;
const engineWith = (templates: Record<string, string>): Liquid =>
  new Liquid({ strictVariables: true, strictFilters: true, ownPropertyOnly: true, templates, ...LIMITS });

/** Renders strictly: an unknown variable or filter is a terminal PortError that names it and its line. `parts`: what it can include. */
export function render(template: string, variables: object, name: string, parts: Record<string, string> = {}, tries = 1): string {
  const before = process.cpuUsage();
  try {
    return String(engineWith(parts).parseAndRenderSync(template, variables));
  } catch (error) {
    const isLimit = error instanceof Error && error.message.includes('limit exceeded');
    if (!isLimit && !LiquidError.is(error)) throw error;
    // The limit is one of the clock: where the machine had no time for it, the template is not to blame.
    const { user, system } = process.cpuUsage(before);
    const isLate = error.message.includes('render limit') && (user + system) / 1000 < LIMITS.renderLimit / 2;
    if (isLate && tries < TRIES) return render(template, variables, name, parts, tries + 1);
    const what = error.message.split('\n')[0] ?? 'it does not render';
    throw new PortError('terminal', `${name}: ${what}`, {
      hint: `Correct ${name}; \`tac8 doctor\` lists the variables that it can use.`,
      cause: error,
    });
  }
}
