import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { openSqliteStore } from '../adapters/store/sqlite.ts';
import { issueNumber, type Task, type TaskId } from '../core/task.ts';
import { forgeAddress, issuePage } from '../forge-address.ts';
import { openProject, type Project } from '../project.ts';
import { EXIT, Exit } from './exit-codes.ts';

export interface OpenOptions {
  readonly issue?: true;
  readonly print?: true;
}

/** How long a program that hands the page to the browser may take before it is taken for the browser itself. */
const HANDED_OVER_WITHIN = 3_000;

/** Opens the task's page, or says where it is. */
export async function openPage(from: string, id: TaskId, options: OpenOptions): Promise<void> {
  const project = await openProject(from, process.env);
  const page = pageOf(project, id, options.issue === true);
  // The address may come from the forge's answer: nothing but a web page is handed to a program.
  if (!/^https?:\/\/[^\s\p{C}]+$/u.test(page)) throw new Exit(EXIT.failed, `${JSON.stringify(page)} is no address of a web page`);
  const program = options.print ? null : opener(process.env);
  const isOpen = program !== null && (await start(program, page));
  process.stdout.write(isOpen ? `opened ${page}\n` : `${page}\n`);
}

function pageOf(project: Project, id: TaskId, wantsIssue: boolean): string {
  const task = readTask(project, id);
  if (task?.pull != null && !wantsIssue) return task.pull.url;
  const number = issueNumber(id);
  if (number === null)
    throw new Exit(
      EXIT.refused,
      `${id} is a local task: it has no page`,
      `\`tac8 diff ${id}\` shows its work${task === null ? '' : ` on ${task.branch}`}.`,
    );
  const address = forgeAddress(project);
  if (address === null)
    throw new Exit(EXIT.refused, 'this repository is on no forge', 'Name it in tac8.yaml (`repo:`), or add an origin remote.');
  return issuePage(address, number);
}

function readTask(project: Project, id: TaskId): Task | null {
  if (!existsSync(project.database)) return null;
  const store = openSqliteStore({ path: project.database, readOnly: true });
  try {
    return store.task(id);
  } finally {
    store.close();
  }
}

/** Null: there is no screen to open anything on. */
function opener(env: NodeJS.ProcessEnv): string | null {
  if (process.platform === 'darwin') return 'open';
  return env.DISPLAY || env.WAYLAND_DISPLAY || env.BROWSER ? 'xdg-open' : null;
}

/** Answers whether it worked, as far as can be told; a browser that stays is left to itself. */
function start(program: string, page: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, [page], { stdio: 'ignore', detached: true });
    const timer = setTimeout(() => resolve(true), HANDED_OVER_WITHIN);
    const end = (worked: boolean): void => {
      clearTimeout(timer);
      resolve(worked);
    };
    child.once('error', () => end(false));
    child.once('exit', (code) => end(code === 0));
    child.unref();
  });
}
