import { join } from 'node:path';
import { agentSettings } from '../../compose/agents.ts';
import { chooseSandbox, composeSandbox, heldBack, refusal, serversOf, viewOf } from '../../compose/sandbox/sandbox.ts';
import type { TaskId } from '../../core/model/task.ts';
import { openProject, type Project } from '../../place/project.ts';
import { openForReading } from '../../read/open.ts';
import { EXIT, Exit } from '../ground/exit-codes.ts';
import { say } from '../ground/say.ts';
import { paint } from '../ground/style.ts';

const NOBODY: TaskId = 'local-0';

function refuseUnknown(project: Project, task: TaskId): void {
  const store = openForReading(project);
  try {
    if (store.task(task) === null) throw new Exit(EXIT.refused, `there is no task ${task}`, '`tac8 status` shows the tasks.');
  } finally {
    store.close();
  }
}

/** Starts nothing. Without a task: what any worker has. */
export async function showSandbox(from: string, task: TaskId | null, json: boolean): Promise<void> {
  const project = await openProject(from, process.env);
  if (task !== null) refuseUnknown(project, task);
  const choice = chooseSandbox(project.settings);
  if (choice.kind === 'refused') throw new Exit(EXIT.failed, refusal(choice.why));
  if (choice.kind === 'none') {
    if (json) say(`${JSON.stringify({ kind: 'none', chosen: choice.chosen })}\n`);
    else say(`no sandbox${choice.chosen ? '' : ': tac8.yaml says nothing of one'}. Workers see, write and reach all that you do.\n`);
    return;
  }
  const sandbox = composeSandbox(project, project.settings, choice, process.env, false);
  const settings = agentSettings(project, project.settings, null, process.env, true);
  const id = task ?? NOBODY;
  const { given, ...paths } = viewOf(
    project,
    project.settings,
    choice,
    settings,
    id,
    join(project.root, project.settings.worktrees.dir, id),
  );
  // Of no task in particular: its number stands open.
  const named = (path: string): string => (task === null ? path.replaceAll(NOBODY, 'gh-N') : path);
  const view = { read: paths.read.map(named), write: paths.write.map(named), given };
  const withLogin = (host: string): string => {
    const login = choice.profile.logins.find((one) => one.host === host);
    return login === undefined ? host : `${host} with $${login.variable} as ${login.header}, put in outside`;
  };
  const { agent, ...own } = sandbox.reaches;
  const hosts = [...agent.map(withLogin), ...serversOf(project.settings), ...sandbox.egress.allowed(id)];
  const refused = heldBack(project.state).filter((one) => task === null || one.task === task);
  if (json) {
    say(
      `${JSON.stringify({ kind: choice.image === null ? 'bwrap' : 'container', image: choice.image?.name ?? null, ...view, hosts, ...own, private: choice.profile.private, inside: sandbox.inside, outside: sandbox.outside, refused }, null, 2)}\n`,
    );
    return;
  }
  const list = (title: string, lines: readonly string[], none: string): string =>
    `${paint('bold', title)}\n${(lines.length === 0 ? [none] : lines).map((line) => `  ${line}\n`).join('')}`;
  say(
    [
      list('Writes, besides a copy of its own of git’s folder', view.write, 'nothing'),
      list(choice.image === null ? 'Reads, besides /usr' : `Reads, besides the files of ${choice.image.name}`, view.read, 'nothing'),
      list('Reaches', hosts, 'no host'),
      ...Object.entries(own).flatMap(([name, reached]) =>
        reached === null
          ? []
          : [list(name === 'setup' ? 'Its setup reaches, in place of these' : 'Its checks reach, in place of these', reached, 'no host')],
      ),
      list('Reaches on this machine and in its network', choice.profile.private, 'nothing'),
      list(
        'Asks with a login that is put in outside',
        Object.entries(sandbox.inside).map(([name, value]) => `${name}=${value}`),
        'nothing',
      ),
      list('Given as they are', view.given, 'no variable with a login'),
      ...(refused.length === 0
        ? []
        : [
            list(
              'Wanted, and not let through',
              refused.map(({ host, why, task: of }) => `${host} (${of}): ${why}`),
              '',
            ),
          ]),
    ].join('\n'),
  );
}
