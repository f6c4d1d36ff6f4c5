import { lstat, mkdir, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TaskId } from '../../core/model/task.ts';
import { readPlainFile } from '../../files/open-plain.ts';
import { writeWhole } from '../../files/write-whole.ts';
import { type AgentSettings, portOf } from './settings.ts';
import { sharedDownloads, toolchains } from './toolchains.ts';

const BASE = ['PATH', 'LANG', 'TERM', 'TMPDIR', 'USER'] as const;

/**
 * The environment of any agent, built from nothing: what the lists name, and nothing that holds a login of the forge.
 * The agent's own variables come to it, and the run's marker by whoever starts the process.
 */
export function environmentOf(settings: AgentSettings, task: TaskId, home: string): Readonly<Record<string, string>> {
  const env: Record<string, string> = {
    LANG: 'C.UTF-8',
    TERM: 'dumb',
    ...toolchains(settings.machine, settings.home),
    ...sharedDownloads(settings.caches, join(settings.root, '.tac8', 'cache')),
  };
  for (const name of [...BASE, ...settings.env]) {
    const value = settings.machine[name];
    if (value !== undefined) env[name] = value;
  }
  return {
    ...env,
    HOME: home,
    TAC8_TASK: task,
    TAC8_PORT: String(portOf(task)),
    GH_CONFIG_DIR: join(home, 'gh'),
    GIT_CONFIG_GLOBAL: join(settings.root, '.tac8', 'gitconfig'),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    // An empty value forgets the helpers that the repository's own configuration names.
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'credential.helper',
    GIT_CONFIG_VALUE_0: '',
  };
}

/** The name of the home that all runs of a task share: a conversation is taken up from it. */
export const homeOf = (root: string, task: TaskId): string => join(root, '.tac8', 'homes', task);

/**
 * Makes the home, the empty forge login and the git configuration. `logins`: where the agent keeps its login and its conversations, below
 * the home; nothing else of the person's home is in sight. Repeating it is harmless; a crash half-way is mended by that.
 */
export async function makeHome(settings: AgentSettings, home: string, logins: readonly string[]): Promise<void> {
  await mkdir(join(home, 'gh'), { recursive: true, mode: 0o700 });
  for (const name of logins) {
    if (settings.boxed === true) await unlink(join(home, name));
    else await link(join(settings.home, name), join(home, name));
  }
  const { name, email } = await settings.author();
  const config = `[user]\n\tname = ${quoted(name)}\n\temail = ${quoted(email)}\n[credential]\n\thelper =\n[commit]\n\tgpgsign = false\n[tag]\n\tgpgsign = false\n`;
  // The filters that are allowed, as the daemon's own git found them in the person's settings.
  const filters = await readPlainFile(join(settings.root, '.tac8', 'git', 'filters'), 1 << 20).catch(() => '');
  // Other workers read it while this one is made ready: it is there, whole, at every moment.
  await writeWhole(join(settings.root, '.tac8', 'gitconfig'), config + filters);
}

/** Links what exists there and not yet here: an agent may have replaced the link by a file of its own, which stays. */
async function link(target: string, path: string): Promise<void> {
  if (!(await exists(target))) return;
  await mkdir(dirname(path), { recursive: true });
  await symlink(target, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

/** In a sandbox it would lead nowhere: the agent makes its own there. */
async function unlink(path: string): Promise<void> {
  const stat = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return null;
  });
  if (stat?.isSymbolicLink() === true) await rm(path, { force: true });
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** A value for a git configuration file. */
const quoted = (value: string): string => `"${value.replace(/[\r\n]/g, ' ').replace(/(["\\])/g, '\\$1')}"`;
