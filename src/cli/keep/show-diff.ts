import { relative } from 'node:path';
import { composePremises, type Difference } from '../../compose/premises.ts';
import { liveElsewhere } from '../../core/model/fleet.ts';
import { bearerOf, type Task, type TaskId, unknownTask } from '../../core/model/task.ts';
import { age } from '../../core/words/span.ts';
import { openProject } from '../../place/project.ts';
import { cleanLine, cleanText } from '../../transcript/show/clean.ts';
import { COLOURS, type Paint, PLAIN } from '../../transcript/show/paint.ts';
import { EXIT, Exit } from '../ground/exit-codes.ts';
import { pagedOutput, plainOutput } from '../ground/output.ts';
import { say, sayAside } from '../ground/say.ts';
import { mayBeTerminal } from '../ground/style.ts';

export interface DiffOptions {
  readonly stat?: true;
  readonly json?: true;
  readonly pager?: boolean;
}

/** Prints what a task has changed. Needs no daemon, and changes neither the worktree nor its index. */
export async function showDiff(from: string, asked: TaskId, options: DiffOptions): Promise<void> {
  const project = await openProject(from, process.env);
  const premises = composePremises(project, process.env, false);
  try {
    const known = premises.store.task(asked);
    const id = bearerOf(asked, known);
    const task = premises.store.task(id) ?? unknownTask(id, premises.policy.branchPrefix);
    const there = liveElsewhere(premises.store.openRuns(), task.id);
    if (there !== null)
      sayAside(
        await (await import('../../machines/work-now.ts')).bringWorkNow(project, process.env, await premises.workspaces(), {
          ...there,
          task,
        }),
      );
    const startedFrom = premises.store
      .runsOf(id)
      .flatMap((run) => ('baseCommit' in run && run.baseCommit !== null ? [run.baseCommit] : []))[0];
    const form = options.json ? 'files' : options.stat ? 'stat' : 'patch';
    // Nothing but a terminal has a width, and to ask wakes Node's streams.
    const width = (mayBeTerminal() ? process.stdout.columns : undefined) ?? 100;
    const found = await (await premises.workspaces()).difference(task, { form, width, startedFrom: startedFrom ?? null });
    if (found === null)
      throw new Exit(
        EXIT.refused,
        `there is no work of ${id}: no worktree, no branch ${task.branch}, no snapshot`,
        known?.race === undefined
          ? '`tac8 status` shows the tasks.'
          : `Each of its attempts has its own: ${known.race.racers.map((one) => `\`tac8 diff ${one}\``).join(', ')}`,
      );
    if (options.json) say(`${JSON.stringify(asJson(task, found), null, 2)}\n`);
    else await print(found, headOf(task, found, project.root), options.pager !== false);
  } finally {
    premises.close();
  }
}

const asJson = (task: Task, { from, base, files, inside }: Difference) => ({
  task: task.id,
  from: 'at' in from ? { ...from, at: new Date(from.at).toISOString() } : from,
  base,
  files,
  repositories_inside: inside,
});

function headOf(task: Task, { from, base, inside }: Difference, root: string): string {
  const where = {
    worktree: () => ('path' in from ? `worktree ${relative(root, from.path)}` : ''),
    branch: () => `branch ${task.branch}`,
    snapshot: () => ('ref' in from ? `snapshot ${from.ref.replace('refs/tac8/saved/', '')}, ${age(Date.now() - from.at)} old` : ''),
  }[from.kind]();
  const more = inside.length === 0 ? '' : `; not shown: the repositories inside ${inside.join(', ')}`;
  return cleanLine(`${task.id}: ${where} against ${base.slice(0, 12)}${more}`);
}

/** On a terminal cleaned and painted, in a pipe git's bytes as they are: they can be applied. */
async function print({ text, from }: Difference, head: string, paged: boolean): Promise<void> {
  if (!mayBeTerminal() || process.stdout.isTTY !== true) {
    // What is not of the worktree itself is worth a word, beside what is piped.
    if (from.kind !== 'worktree' || text === '') sayAside(`${head}${text === '' ? ': nothing is changed' : ''}\n`);
    say(Buffer.from(text, 'latin1'));
    return;
  }
  const output = paged ? await pagedOutput(process.stdout, process.env) : plainOutput(process.stdout);
  const paint = process.env.NO_COLOR || process.env.TERM === 'dumb' ? PLAIN : COLOURS;
  output.write(
    `${paint.dim(head)}\n${text === '' ? 'nothing is changed\n' : painted(Buffer.from(text, 'latin1').toString('utf8'), paint)}`,
  );
  await output.end();
}

/** Colours by what a line is; where it stands decides, so that a changed line that looks like a header is none. */
function painted(text: string, paint: Paint): string {
  let inHunk = false;
  const colour = (line: string): string => {
    if (line.startsWith('diff --git ')) inHunk = false;
    if (line.startsWith('@@ ')) {
      inHunk = true;
      return paint.cyan(line);
    }
    if (!inHunk) return paint.bold(line);
    return line.startsWith('+') ? paint.green(line) : line.startsWith('-') ? paint.red(line) : line;
  };
  const isPatch = text.startsWith('diff --git ');
  const lines = cleanText(text).replace(/\n$/, '').split('\n');
  return `${(isPatch ? lines.map(colour) : lines).join('\n')}\n`;
}
