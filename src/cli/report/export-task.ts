import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { parseLine } from '../../agents/line.ts';
import { composePremises, type Premises } from '../../compose/premises.ts';
import { secretsIn } from '../../config/secret-names.ts';
import { parseBoard } from '../../core/board/text/parse.ts';
import { issueNumber, type TaskId } from '../../core/model/task.ts';
import { messageOf } from '../../core/words/message-of.ts';
import { redactor } from '../../core/words/secrets.ts';
import { boardText } from '../../place/board-text.ts';
import { openProject, type Project } from '../../place/project.ts';
import { attemptsOf } from '../../transcript/read/attempts.ts';
import { LogError, readLog, textOfLine } from '../../transcript/read/read.ts';
import { EXIT, Exit } from '../ground/exit-codes.ts';
import { makeFolder } from '../ground/make-folder.ts';
import { type Output, plainOutput } from '../ground/output.ts';
import { exportJson } from './export-json.ts';
import { exportMarkdown } from './export-markdown.ts';
import type { Redact, TaskRecord } from './export-record.ts';

export interface ExportOptions {
  readonly markdown?: true;
  readonly dir?: string;
  readonly offline?: true;
}

const HISTORY = 10_000;
const ISSUE_PATIENCE = 15_000;

/** Prints the task, or writes both forms into a folder. Needs no daemon. */
export async function exportTask(from: string, id: TaskId, options: ExportOptions): Promise<void> {
  const project = await openProject(from, process.env);
  const premises = composePremises(project, process.env, false);
  try {
    const record = await collect(project, premises, id, options.offline === true);
    const redact = redactor(secretsIn(project.settings, process.env));
    if (options.dir === undefined) return await printed(record, options.markdown ? exportMarkdown : exportJson, redact);
    const dir = makeFolder(options.dir);
    for (const [ending, write] of [
      ['json', exportJson],
      ['md', exportMarkdown],
    ] as const) {
      const path = join(dir, `${id}.${ending}`);
      await toFile(path, record, write, redact);
      process.stdout.write(`${path}\n`);
    }
  } finally {
    premises.close();
  }
}

type Writer = (record: TaskRecord, output: Output, redact: Redact) => Promise<void>;

async function printed(record: TaskRecord, write: Writer, redact: Redact): Promise<void> {
  const output = plainOutput(process.stdout);
  try {
    await write(record, output, redact);
  } finally {
    await output.end();
  }
}

/** Throws what the file system says. The name is given last: there is no half file that looks like a whole one. */
async function toFile(path: string, record: TaskRecord, write: Writer, redact: Redact): Promise<void> {
  const part = `${path}.part`;
  const file = openSync(part, 'w', 0o600);
  try {
    const output: Output = {
      write: (text) => void writeSync(file, Buffer.from(text)),
      drained: () => Promise.resolve(),
      closed: new AbortController().signal,
      end: () => Promise.resolve(),
    };
    await write(record, output, redact);
  } finally {
    closeSync(file);
  }
  renameSync(part, path);
}

async function collect(project: Project, premises: Premises, id: TaskId, offline: boolean): Promise<TaskRecord> {
  const task = premises.store.task(id);
  if (task === null) throw new Exit(EXIT.refused, `there is no task ${id}`, '`tac8 status` shows the tasks.');
  const runs = premises.store.runsOf(id);
  const startedFrom = runs.flatMap((run) => ('baseCommit' in run && run.baseCommit !== null ? [run.baseCommit] : []))[0] ?? null;
  const found = await (await premises.workspaces()).difference(task, { form: 'files', startedFrom });
  const attempts = await attemptsOf(project.logs, id).catch((error: unknown) => {
    if (error instanceof LogError && error.kind === 'vanished') return [];
    throw error;
  });
  return {
    task,
    ...(await issueOf(premises, id, offline)),
    board: boardLines(project, id),
    runs,
    history: [...premises.store.history({ task: id, limit: HISTORY })].reverse(),
    changes: found === null ? null : { base: found.base, from: found.from.kind, files: found.files },
    attempts,
    read: async ({ path }, take, breathe) => {
      await readLog(path, 0, (line) => parseLine(textOfLine(line)).forEach(take), { last: true, breathe });
    },
  };
}

async function issueOf(premises: Premises, id: TaskId, offline: boolean): Promise<Pick<TaskRecord, 'issue' | 'issueUnknown'>> {
  const number = issueNumber(id);
  if (number === null) return { issue: null, issueUnknown: null };
  const forge = offline ? null : await premises.forge();
  if (forge === null) return { issue: null, issueUnknown: 'the forge was not asked' };
  try {
    const issue = await forge.issue(number, AbortSignal.timeout(ISSUE_PATIENCE));
    return { issue, issueUnknown: issue === null ? 'the forge has no such issue' : null };
  } catch (error) {
    return { issue: null, issueUnknown: messageOf(error) };
  }
}

function boardLines(project: Project, id: TaskId): string | null {
  const text = boardText(project);
  if (text === null) return null;
  const node = parseBoard(text).nodes.find((each) => each.kind === 'task' && each.task.id === id);
  return node?.lines.join('') ?? null;
}
