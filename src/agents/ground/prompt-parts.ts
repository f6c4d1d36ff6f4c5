import { readdirSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { PortError } from '../../engine/ports/error.ts';
import { readPlainSync } from '../../files/open-plain.ts';

/*
 * The prompt is a template of parts. Each has a built-in text; a file of the person's takes its place, for all agents or for one of them.
 */

/** A text of the prompt, and where it stands; null: it is built in. */
export interface Part {
  readonly text: string;
  readonly from: string | null;
}

export interface Template extends Part {
  /** By the names that `{% include %}` knows. */
  readonly parts: Readonly<Record<string, Part>>;
}

const TASK = `You work alone, in a git worktree of your own, until the task below is done. Nobody answers while you work, and your last message ends the run.

Task {{ task.id }}: {{ task.title }}
Worktree: {{ worktree }} (stay in it, and make no other)
Branch: {{ branch }} (made from {{ base_branch }}; commit on it, and make no other)
{% if issue %}
What is wanted stands in the issue {{ issue.url }}:

{{ issue.body }}
{% endif %}{% if attempt > 1 or previous_failure %}
This is attempt {{ attempt }}.{% if previous_failure %} The one before ended with: {{ previous_failure }}{% endif %}
Look at what is there already (git log, git status) before you begin.
{% endif %}`;

const HABITS = `{% if guidance %}
The repository's guidance for whoever works in it. Follow it; where it contradicts the points below, they count.

{{ guidance }}

(End of the guidance. Folders may have such files of their own: read them before you work there.)
{% endif %}`;

const RULES = `
How to work:
- Read first: the repository's guidance, its README, then the code that the task touches. Keep to its style.
- Add or adapt tests where the project has tests, and run them. Never skip, weaken or delete a test to get it green; if one is wrong, say so.
- {% if verify %}Run this before you end; tac8 runs it after you, and delivers nothing while it fails: {{ verify }}{% else %}Run what the project runs before a change goes in (build, linter, tests), as far as it is there.{% endif %}
`;

const SCOPE = `
What not to touch:
- Make the smallest change that does the task whole. Leave alone what it does not need.
- Do not push and do not open a pull request: that is done for you after you end.
`;

const ASK = `
How to ask:
- If you cannot go on without an answer: write into a file BLOCKED.md at the worktree's root what you need to know, which choices there are and which one you would take, and end. A person reads it and answers.
`;

const FINISH = `
How to finish:
- Commit on your branch, in commits that say why. What is in no commit does not count.
- Before your last message, wait for what you started in the background, or end it. Nothing wakes you later.
- If the task is done already, or you cannot reproduce what it reports: change nothing, commit nothing, and say what you looked at and what you tried.
- Your last message stands in the pull request, for a reviewer who has not seen you work. Say in a few sentences what you changed, why, and how you tested it; then what is left open, if anything is. No greeting, no list of every file.
`;

/** In the order of the prompt. */
const BUILT_IN: Readonly<Record<string, string>> = { task: TASK, habits: HABITS, rules: RULES, scope: SCOPE, ask: ASK, finish: FINISH };

export const PART_NAMES: readonly string[] = Object.keys(BUILT_IN);

/** The built-in template, used where the repository has no `worker_template.md`; also what `tac8 init` writes. */
export const DEFAULT_TEMPLATE = `{% comment %}
What each agent gets: these parts, one behind the other. \`tac8 prompt N\` prints it. Each part has a built-in text; a file worker_template/NAME.md
takes its place, and worker_template/PROFILE/NAME.md for one of the agents alone. What you write between them here is said as well.
{% endcomment -%}
${PART_NAMES.map((name) => `{%- include '${name}' -%}`).join('\n')}
`;

/** Bytes of a file. */
const MOST = 1 << 20;
/** The folder beside `worker_template.md`. */
const FOLDER = 'worker_template';

/** The template of an agent: `profile` is its name among `agents`. What does not exist is built in. */
export function readTemplate(path: string, profile?: string): Template {
  const folder = join(dirname(path), FOLDER);
  const own = profile === undefined ? [] : [join(folder, profile)];
  const parts: Record<string, Part> = Object.fromEntries(Object.entries(BUILT_IN).map(([name, text]) => [name, { text, from: null }]));
  for (const place of [folder, ...own])
    for (const name of partsIn(place)) {
      const from = join(place, `${name}.md`);
      parts[name] = { text: textAt(from) ?? '', from };
    }
  const text = textAt(path);
  return text === null ? { text: DEFAULT_TEMPLATE, from: null, parts } : { text, from: path, parts };
}

/** Further ones may be there than the built-in ones: a template includes them by their names. */
function partsIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => extname(name) === '.md' && /^[\w-]{1,60}$/.test(basename(name, '.md')))
      .map((name) => basename(name, '.md'));
  } catch (error) {
    if (isAbsent(error)) return [];
    throw unreadable(folder, error);
  }
}

function textAt(path: string): string | null {
  try {
    return readPlainSync(path, MOST);
  } catch (error) {
    if (isAbsent(error)) return null;
    throw unreadable(path, error);
  }
}

const isAbsent = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');

const unreadable = (path: string, cause: unknown): PortError =>
  new PortError('terminal', `cannot read the template ${path}: ${String(cause)}`, { hint: 'Make it readable, or remove it.', cause });

/** The parts that a template includes, also by way of others, in the order in which it names them. */
export function includedIn({ text, parts }: Template): readonly string[] {
  const seen = new Set<string>();
  const follow = (one: string): void => {
    for (const [, name = ''] of one.matchAll(/\{%-?\s*(?:include|render)\s+['"]([\w-]+)['"]/g)) {
      const part = Object.hasOwn(parts, name) ? parts[name] : undefined;
      if (part === undefined || seen.has(name)) continue;
      seen.add(name);
      follow(part.text);
    }
  };
  follow(text);
  return [...seen];
}
