import { relative, resolve } from 'node:path';
import { composePremises, type Premises, type Restored, type Saved, type SavedContent } from '../../compose/premises.ts';
import { type Task, type TaskId, unknownTask } from '../../core/model/task.ts';
import { age } from '../../core/words/span.ts';
import { openProject, type Project } from '../../place/project.ts';
import { daemonAt } from '../../read/open.ts';
import { EXIT, Exit } from '../ground/exit-codes.ts';
import { makeFolder } from '../ground/make-folder.ts';
import { paint } from '../ground/style.ts';

export interface RestoreOptions {
  readonly list?: true;
  readonly ref?: string;
  readonly to?: string;
  readonly json?: true;
}

/** Lists or puts back what is saved of a task. Needs no daemon; reads the store, writes git and the worktree alone. */
export async function restoreWork(from: string, id: TaskId, options: RestoreOptions): Promise<void> {
  const project = await openProject(from, process.env);
  const premises = composePremises(project, process.env, false);
  try {
    if (options.list === true) return await list(premises, id, options.json === true);
    const saved = await choose(premises, id, options.ref);
    const task = premises.store.task(id) ?? unknownTask(id, premises.policy.branchPrefix);
    // A folder of its own is in nobody's way.
    if (options.to === undefined) await refuseWhileInUse(project, premises, task);
    const to = options.to === undefined ? {} : { to: makeFolder(resolve(from, options.to)) };
    const restored = await (await premises.workspaces()).restore(task, { ref: saved.ref, ...to });
    process.stdout.write(options.json === true ? `${JSON.stringify(restored)}\n` : restoredWords(restored, task, to.to !== undefined));
  } finally {
    premises.close();
  }
}

const shortName = (saved: Pick<Saved, 'run' | 'n'>): string => `${saved.run}/${saved.n}`;

async function choose({ workspaces }: Premises, id: TaskId, ref: string | undefined): Promise<Saved> {
  const all = await (await workspaces()).listSaved(id);
  const found = ref === undefined ? all[0] : all.find((one) => one.ref === ref || shortName(one) === ref);
  if (found !== undefined) return found;
  if (all.length === 0) throw new Exit(EXIT.refused, `nothing is saved of ${id}`, 'Work is saved while a worker runs and when it ends.');
  throw new Exit(
    EXIT.refused,
    `there is no snapshot ${ref ?? ''} of ${id}`,
    `\`tac8 restore ${id} --list\` shows them: ${all.map(shortName).join(', ')}`,
  );
}

/** Nobody's hands meet in one worktree: not while a worker lives there, nor when one could come at any moment. */
async function refuseWhileInUse(project: Project, { store, workers }: Premises, task: Task): Promise<void> {
  const hint = `\`tac8 stop ${task.id}\` ends it; --to DIR puts the work into a folder of its own.`;
  const strays = (await (await workers()).strays(() => false)).filter((one) => one.task === task.id);
  if (strays[0] !== undefined)
    throw new Exit(EXIT.refused, `a worker of ${task.id} lives: ${strays[0].run}, pid ${strays[0].process.pid}`, hint);
  const hasDaemon = daemonAt(project) !== null;
  for (const run of store.openRuns().filter((one) => one.task === task.id)) {
    const process = run.state === 'running' || run.state === 'stopping' ? run.process : null;
    const seen = await (await workers()).probe(run.id, process);
    if (seen.kind === 'alive' || seen.kind === 'remains') throw new Exit(EXIT.refused, `a worker of ${task.id} lives: ${run.id}`, hint);
    if (hasDaemon) throw new Exit(EXIT.refused, `${run.id} of ${task.id} is ${run.state}: the daemon is at work on it`, hint);
  }
  if (hasDaemon && task.version > 0 && task.state === 'pending' && task.pausedAt === null)
    throw new Exit(
      EXIT.refused,
      `${task.id} is in the queue: a worker may start in its worktree at any moment`,
      `\`tac8 pause ${task.id}\` holds it back; --to DIR puts the work into a folder of its own.`,
    );
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
