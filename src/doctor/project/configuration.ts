import type { ConfigProblem } from '../../config/read/problems.ts';
import { messageOf } from '../../core/words/message-of.ts';
import { about, type Finding } from '../finding/finding.ts';

/** `problems` null: it is right; `exists`: there is a file at all. */
export function checkConfig(problems: readonly ConfigProblem[] | null, exists: boolean): readonly Finding[] {
  const { ok, bad, warn } = about('config', 'It says what tac8 works on and how; a daemon does not start while it has mistakes.');
  if (problems === null && exists) return [ok('tac8.yaml is right')];
  if (problems === null) return [warn('there is no tac8.yaml: every setting has its default', 'tac8 init')];
  return problems.map(({ path, line, column, message }) => {
    const place = line === null ? '' : `:${line}${column === null ? '' : `:${column}`}`;
    return bad(
      `tac8.yaml${place}: ${path === '' ? '' : `${path}: `}${message}`,
      'correct it; docs/settings.md and schema/tac8.schema.json of tac8 list the settings',
    );
  });
}

/** A try at rendering: for an issue, and for a task of tasks.md, which has none. Throws what a worker's start would. */
export type TryTemplate = (withIssue: boolean) => void;

/** `variables`: the names that a template may use, for the one who has to correct it. */
export function checkTemplate(render: TryTemplate, exists: boolean, variables: readonly string[]): readonly Finding[] {
  const { ok, bad } = about('template', 'Each agent gets it as its prompt; while it does not render, no worker starts.');
  for (const [withIssue, what] of [
    [true, 'an issue'],
    [false, 'a task of tasks.md (there `issue` is empty: write {% if issue %})'],
  ] as const) {
    try {
      render(withIssue);
    } catch (error) {
      const says = `for ${what}: ${messageOf(error)}`;
      return [bad(says, `correct it; these are the variables: ${variables.join(', ')}`)];
    }
  }
  return [ok(exists ? 'worker_template.md renders' : 'no worker_template.md: the built-in one is used')];
}
