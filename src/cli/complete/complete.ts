import { readFileSync } from 'node:fs';
import type { Task } from '../../core/model/task.ts';
import { ownFile } from '../../place/own-files.ts';
import { cleanLine } from '../../transcript/show/clean.ts';
import { say } from '../ground/say.ts';
import type { CommandRow } from './command-table.ts';
import { type Candidate, completeWords, type Offer } from './complete-words.ts';

/**
 * Answers a shell that asks what the last of `words` can become. Looks only, and says nothing at all where anything goes wrong: whoever presses Tab
 * is in the midst of a line, and an error there helps nobody.
 */
export async function answerCompletion(words: readonly string[]): Promise<void> {
  try {
    const table = JSON.parse(readFileSync(ownFile('shell/commands.json'), 'utf8')) as CommandRow;
    say(render(await completeWords(table, words, { tasks: tasksFor })));
  } catch (error) {
    if (process.env.TAC8_DEBUG) process.stderr.write(`${String(error)}\n`);
  }
}

const render = ({ candidates, folders }: Offer): string =>
  folders ? ':folders\n' : candidates.map(({ value, about }) => `${value}\t${cleanLine(about)}\n`).join('');

/** Which tasks a command can do something with, as far as it is choosy. */
const FITS: Readonly<Record<string, (task: Task) => boolean>> = {
  stop: ({ state }) => state === 'active',
  kill: ({ state }) => state === 'active',
  cancel: ({ state }) => state === 'active' || state === 'pending' || state === 'blocked',
  tell: ({ state }) => state !== 'completed',
  retry: (task) =>
    task.state === 'failed' || task.state === 'blocked' || task.state === 'review' || (task.state === 'pending' && task.last !== null),
  pause: ({ state, pausedAt }) => pausedAt === null && (state === 'pending' || state === 'active'),
  resume: ({ pausedAt }) => pausedAt !== null,
};

/** Those that fit the command; all of them when none does, since a person may know more. */
async function tasksFor(command: string, typed: string, repoDir: string | null): Promise<readonly Candidate[]> {
  const [{ findPlace }, { tasksAt }] = await Promise.all([import('../../place/place.ts'), import('../../read/shown-tasks.ts')]);
  const tasks = tasksAt(await findPlace(repoDir ?? process.cwd(), process.env));
  const named = tasks.map((task) => ({ task, candidate: { value: nameOf(task, typed), about: about(task) } }));
  const fits = FITS[command];
  const chosen = fits === undefined ? named : named.filter(({ task }) => fits(task));
  return (chosen.length > 0 ? chosen : named).map(({ candidate }) => candidate);
}

/** As short as it can be typed, or in the form that was begun. */
function nameOf({ id }: Task, typed: string): string {
  return id.startsWith('gh-') && !typed.startsWith('g') ? id.slice(3) : id;
}

const about = (task: Task): string => `${task.pausedAt === null ? task.state : 'paused'}: ${task.title}`;
