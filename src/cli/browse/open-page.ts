import { asWritten, forgeAddress, issuePage, pinnedOrigin } from '../../compose/forge-address.ts';
import { issueNumber, type Task, type TaskId } from '../../core/model/task.ts';
import { openProject, type Project } from '../../place/project.ts';
import { openForReading } from '../../read/open.ts';
import { EXIT, Exit } from '../ground/exit-codes.ts';
import { openInBrowser } from './browser.ts';

export interface OpenOptions {
  readonly issue?: true;
  readonly print?: true;
}

/** Opens the task's page, or says where it is. */
export async function openPage(from: string, id: TaskId, options: OpenOptions): Promise<void> {
  const project = await openProject(from, process.env);
  const page = pageOf(project, id, options.issue === true);
  // The address may come from the forge's answer: nothing but a web page is handed to a program.
  if (!/^https?:\/\/[^\s\p{C}]+$/u.test(page)) throw new Exit(EXIT.failed, `${JSON.stringify(page)} is not the address of a web page`);
  const isOpen = options.print !== true && (await openInBrowser(page, process.env));
  process.stdout.write(isOpen ? `opened ${page}\n` : `${page}\n`);
}

function pageOf(project: Project, id: TaskId, wantsIssue: boolean): string {
  const { task, origin } = readTask(project, id);
  if (task?.pull != null && !wantsIssue) return task.pull.url;
  const number = issueNumber(id);
  if (number === null)
    throw new Exit(
      EXIT.refused,
      `${id} is a local task: it has no page`,
      `\`tac8 diff ${id}\` shows its work${task === null ? '' : ` on ${task.branch}`}.`,
    );
  const address = forgeAddress(project.settings, origin);
  if (address === null)
    throw new Exit(EXIT.refused, 'this repository has no forge', 'Name it in tac8.yaml (`repo:`), or add an origin remote.');
  return issuePage(address, number);
}

function readTask(project: Project, id: TaskId): { readonly task: Task | null; readonly origin: string | null } {
  const store = openForReading(project);
  try {
    return { task: store.task(id), origin: pinnedOrigin(store, asWritten(project.gitDir)) };
  } finally {
    store.close();
  }
}
