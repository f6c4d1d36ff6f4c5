import { Liquid, LiquidError } from 'liquidjs';
import type { Issue } from '../../core/model/forge.ts';
import type { Run } from '../../core/model/run.ts';
import type { Task } from '../../core/model/task.ts';
import { issueBlock, sanitiseLine } from '../../core/words/sanitise.ts';
import { PortError } from '../../engine/ports/error.ts';
import type { ShownText } from '../../engine/ports/outside/issue-texts.ts';
import { readPlainSync } from '../../files/open-plain.ts';

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
}

/** An issue, and what shows of its text. */
export type ReadIssue = Issue & { readonly shown: ShownText };

export function promptVariables(
  task: Task,
  { attempt }: Pick<Run, 'attempt'>,
  issue: ReadIssue | null,
  place: { readonly worktree: string; readonly baseBranch: string; readonly previousFailure: string | null },
): PromptVariables {
  const title = sanitiseLine(issue?.title ?? task.title);
  return {
    issue: issue && {
      number: issue.number,
      title,
      body: issueBlock(issue.title, issue.shown),
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
  };
}

/** Used where the repository has no `worker_template.md`; also what `tac8 init` writes. */
export const DEFAULT_TEMPLATE = `You work alone, in a git worktree of your own, until the task below is done. Nobody answers questions while you work.

Task {{ task.id }}: {{ task.title }}
Worktree: {{ worktree }}
Branch: {{ branch }} (made from {{ base_branch }}; stay on it)
{% if issue %}
What is wanted stands in the issue {{ issue.url }}:

{{ issue.body }}
{% endif %}{% if attempt > 1 %}
This is attempt {{ attempt }}.{% if previous_failure %} The one before ended with: {{ previous_failure }}{% endif %}
Look at what is there already (git log, git status) before you begin.
{% endif %}
How to work:
1. Read the code that matters before you change it, and keep to its style.
2. Make the change, with tests where the project has tests, and run them.
3. Commit what you did, in commits that say why. Uncommitted work does not count.
4. Do not push, do not open a pull request, do not touch anything outside the worktree: that is done for you after you end.
5. If you cannot go on without an answer from a person, write the question into a file BLOCKED.md at the worktree's root and end.
`;

const engine = new Liquid({
  strictVariables: true,
  strictFilters: true,
  ownPropertyOnly: true,
  templates: {},
  parseLimit: 1e6,
  renderLimit: 500,
  memoryLimit: 1e7,
});

/** Renders strictly: an unknown variable or filter is a terminal PortError that names it and its line. */
export function render(template: string, variables: object, name: string): string {
  try {
    return String(engine.parseAndRenderSync(template, variables));
  } catch (error) {
    if (!LiquidError.is(error)) throw error;
    const what = error.message.split('\n')[0] ?? 'it does not render';
    throw new PortError('terminal', `${name}: ${what}`, {
      hint: `Correct ${name}; \`tac8 doctor\` lists the variables that it can use.`,
      cause: error,
    });
  }
}

/** Bytes of a template. */
const MOST = 1 << 20;

/** The template's text, or the built-in one where the file does not exist. */
export async function readTemplate(path: string): Promise<string> {
  try {
    return readPlainSync(path, MOST);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return DEFAULT_TEMPLATE;
    throw new PortError('terminal', `cannot read the template ${path}: ${String(error)}`, {
      hint: 'Make it readable, or remove it.',
      cause: error,
    });
  }
}
