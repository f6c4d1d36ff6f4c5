import type { TaskId } from '../../core/model/task.ts';
import { taskArgument } from '../ground/task-argument.ts';

/** A command line in one of the few forms that are answered at once. */
export interface Asked {
  readonly command: Name;
  /** Behind `-C`; null: where the person stands. */
  readonly from: string | null;
  /** Null: the command takes none. */
  readonly task: TaskId | null;
  readonly flags: ReadonlySet<string>;
}

interface Form {
  readonly task: boolean;
  /** Each may be there once, in any order. */
  readonly flags: readonly string[];
}

const FORMS = {
  status: { task: false, flags: ['--json'] },
  why: { task: true, flags: ['--json'] },
  plan: { task: false, flags: ['--json'] },
  diff: { task: true, flags: ['--stat', '--json', '--no-pager'] },
  report: { task: false, flags: ['--json', '--offline'] },
} as const satisfies Readonly<Record<string, Form>>;

type Name = keyof typeof FORMS;

/** `[-C DIR] COMMAND [TASK] [FLAG]…`, each word as the parser takes it; null: anything else, which is the parser's to judge. */
export function readAsked(argv: readonly string[]): Asked | null {
  const named = argv[0] === '-C' || argv[0] === '--repo-dir';
  const [from = null, [command = '', ...rest]] = named ? [argv[1], argv.slice(2)] : [null, argv];
  if ((named && (from === null || from.startsWith('-'))) || !isName(command)) return null;
  const form: Form = FORMS[command];
  const words = rest.filter((word) => !word.startsWith('-'));
  const flags = new Set(rest.filter((word) => word.startsWith('-')));
  if (words.length + flags.size !== rest.length || words.length !== (form.task ? 1 : 0)) return null;
  if ([...flags].some((flag) => !form.flags.includes(flag))) return null;
  const task = words[0] === undefined ? null : taskNamed(words[0]);
  return form.task && task === null ? null : { command, from, task, flags };
}

const isName = (word: string): word is Name => Object.hasOwn(FORMS, word);

/** Null: no task has such a name, which the parser says. */
function taskNamed(word: string): TaskId | null {
  try {
    return taskArgument(word);
  } catch {
    return null;
  }
}
