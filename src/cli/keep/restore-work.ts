import { relative, resolve } from 'node:path';
import { composePremises, type Premises, type Restored, type Saved, type SavedContent } from '../../compose/premises.ts';
import { liveElsewhere } from '../../core/model/fleet.ts';
import { bearerOf, type Task, type TaskId, unknownTask } from '../../core/model/task.ts';
import { age } from '../../core/words/span.ts';
import { chooseSaved, shortName, whyInUse } from '../../inquiry/restore.ts';
import { openProject, type Project } from '../../place/project.ts';
import { daemonAt } from '../../read/open.ts';
import { EXIT, Exit } from '../ground/exit-codes.ts';
import { makeFolder } from '../ground/make-folder.ts';
import { sayAside } from '../ground/say.ts';
import { paint } from '../ground/style.ts';

export interface RestoreOptions {
  readonly list?: true;
  readonly ref?: string;
  readonly to?: string;
  readonly json?: true;
}

/** Lists or puts back what is saved of a task. Needs no daemon; reads the store, writes git and the worktree alone. */
export async function restoreWork(from: string, asked: TaskId, options: RestoreOptions): Promise<void> {
  const project = await openProject(from, process.env);
  const premises = composePremises(project, process.env, false);
  try {
    const id = bearerOf(asked, premises.store.task(asked));
    const known = premises.store.task(id);
    const there = liveElsewhere(premises.store.openRuns(), id);
    if (known !== null && there !== null)
      sayAside(
        await (await import('../../machines/work-now.ts')).bringWorkNow(project, process.env, await premises.workspaces(), {
          ...there,
          task: known,
        }),
      );
    if (options.list === true) return await list(premises, id, options.json === true);
    const saved = await choose(premises, id, options.ref);
    const task = known ?? unknownTask(id, premises.policy.branchPrefix);
    // A folder of its own is in nobody's way.
    if (options.to === undefined) await refuseWhileInUse(project, premises, task);
    const to = options.to === undefined ? {} : { to: makeFolder(resolve(from, options.to)) };
    const restored = await (await premises.workspaces()).restore(task, { ref: saved.ref, ...to });
    process.stdout.write(options.json === true ? `${JSON.stringify(restored)}\n` : restoredWords(restored, task, to.to !== undefined));
  } finally {
    premises.close();
  }
}

async function choose({ workspaces }: Premises, id: TaskId, ref: string | undefined): Promise<Saved> {
  const found = chooseSaved(await (await workspaces()).listSaved(id), id, ref ?? null);
  if ('message' in found) throw new Exit(EXIT.refused, found.message, found.hint);
  return found;
}

async function refuseWhileInUse(project: Project, { store, workers }: Premises, task: Task): Promise<void> {
  const inUse = await whyInUse({ store, workers: await workers(), hasDaemon: daemonAt(project) !== null }, task);
  if (inUse !== null) throw new Exit(EXIT.refused, inUse.message, inUse.hint);
}

function restoredWords({ ref, path, head, repositories }: Restored, task: Task, isFolder: boolean): string {
  const shown = relative(process.cwd(), path);
  const where = shown === '' ? '.' : shown.startsWith('..') ? path : shown;
  const out = [
    `${ref} is put back into ${where}${head === null ? '' : `, on ${isFolder ? 'what was' : task.branch} ${head.slice(0, 12)}`}`,
  ];
  if (repositories.filesOnly.length > 0)
    out.push(`repositories inside, of which only the files came back: ${repositories.filesOnly.join(', ')}`);
  if (!isFolder && task.version > 0) out.push(`\`tac8 retry ${task.id} --continue\` goes on there`);
  return `${out.join('\n')}\n`;
}

interface Listed {
  readonly saved: Saved;
  readonly content: SavedContent;
}

async function list({ workspaces }: Premises, id: TaskId, json: boolean): Promise<void> {
  const listed: Listed[] = [];
  const { listSaved, contentOf } = await workspaces();
  for (const saved of await listSaved(id)) listed.push({ saved, content: await contentOf(saved) });
  if (json) process.stdout.write(`${JSON.stringify(listed.map(asJson), null, 2)}\n`);
  else if (listed.length === 0) process.stdout.write(`nothing is saved of ${id}\n`);
  else process.stdout.write(listed.map((one) => asText(one, Date.now())).join(''));
}

function asJson({ saved, content }: Listed) {
  const { ref, commit, run, reason, head, incomplete, at } = saved;
  return { ref, name: shortName(saved), commit, at: new Date(at).toISOString(), run, reason, head, incomplete, ...content };
}

const PATHS_SHOWN = 3;

function asText({ saved, content }: Listed, now: number): string {
  const { paths, bytes, commits } = content;
  const more = paths.length > PATHS_SHOWN ? ` and ${paths.length - PATHS_SHOWN} more` : '';
  const files =
    paths.length === 0
      ? 'no changed files'
      : `${paths.length} ${paths.length === 1 ? 'file' : 'files'}, ${kib(bytes)}: ${paths.slice(0, PATHS_SHOWN).join(', ')}${more}`;
  const loose = commits === 0 ? '' : ` · ${commits} ${commits === 1 ? 'commit' : 'commits'} that no branch holds`;
  const lacks = saved.incomplete === null ? '' : `\n    ${paint('yellow', `not whole: ${saved.incomplete}`)}`;
  const when = `${new Date(saved.at).toLocaleString('sv-SE')} (${age(now - saved.at)} ago)`;
  return `${paint('cyan', shortName(saved).padEnd(12))} ${when} · ${saved.reason || 'no reason given'}\n    ${files}${loose}${lacks}\n`;
}

const kib = (bytes: number): string => (bytes < 10_240 ? `${bytes} bytes` : `${Math.round(bytes / 1024)} KiB`);
