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

/** Used where the repository has no `worker_template.md`; also what `tac8 init` writes. */
export const DEFAULT_TEMPLATE = `You work alone, in a git worktree of your own, until the task below is done. Nobody answers while you work, and your last message ends the run.

Task {{ task.id }}: {{ task.title }}
Worktree: {{ worktree }} (stay in it, and make no other)
Branch: {{ branch }} (made from {{ base_branch }}; commit on it, and make no other)
{% if issue %}
What is wanted stands in the issue {{ issue.url }}:

{{ issue.body }}
{% endif %}{% if attempt > 1 %}
This is attempt {{ attempt }}.{% if previous_failure %} The one before ended with: {{ previous_failure }}{% endif %}
Look at what is there already (git log, git status) before you begin.
{% endif %}{% if guidance %}
The repository's guidance for whoever works in it. Follow it; where it contradicts the numbered points below, they count.

{{ guidance }}

(End of the guidance. Folders may have such files of their own: read them before you work there.)
{% endif %}
How to work:
1. Read first: the repository's guidance, its README, then the code that the task touches. Keep to its style.
2. Make the smallest change that does the task whole. Leave alone what it does not need.
3. Add or adapt tests where the project has tests, and run them. Never skip, weaken or delete a test to get it green; if one is wrong, say so.
4. {% if verify %}Run this before you end; tac8 runs it after you, and delivers nothing while it fails: {{ verify }}{% else %}Run what the project runs before a change goes in (build, linter, tests), as far as it is there.{% endif %}
5. Commit on your branch, in commits that say why. What is in no commit does not count. Do not push and do not open a pull request: that is done for you after you end.
6. Before your last message, wait for what you started in the background, or end it. Nothing wakes you later.
7. If the task is done already, or you cannot reproduce what it reports: change nothing, commit nothing, and say what you looked at and what you tried.
8. If you cannot go on without an answer: write into a file BLOCKED.md at the worktree's root what you need to know, which choices there are and which one you would take, and end. A person reads it and answers.
9. Your last message stands in the pull request, for a reviewer who has not seen you work. Say in a few sentences what you changed, why, and how you tested it; then what is left open, if anything is. No greeting, no list of every file.
`;

/** A template of the person's own that does not place the guidance gets it at its end: it reaches the agent all the same. */
export const withGuidance = (template: string, prompt: string, guidance: string | null): string =>
  guidance === null || /\{\{-? ?guidance\b/.test(template)
    ? prompt
    : `${prompt.trimEnd()}\n\nThe repository's guidance for whoever works in it:\n\n${guidance}\n`;

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
