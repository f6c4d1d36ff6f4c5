import type { Command } from 'commander';
import type { Task } from '../core/task.ts';
import { cleanLine } from '../transcript/clean.ts';
import { type Candidate, completeWords, type Offer } from './complete-words.ts';
import type { TaskReport } from './status-report.ts';

/** The word by which the shells' scripts ask; not a command that a person sees. */
export const COMPLETE = '__complete';

/**
 * Answers a shell that asks what the last of `words` can become. Looks only, and says nothing at all where anything goes wrong: whoever presses Tab
 * is in the midst of a line, and an error there helps nobody.
 */
export async function answerCompletion(program: Command, words: readonly string[]): Promise<void> {
  try {
    process.stdout.write(render(await completeWords(program, words, { tasks: tasksFor })));
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
  retry: (task) => task.state === 'failed' || task.state === 'blocked' || (task.state === 'pending' && task.last !== null),
  pause: ({ state, pausedAt }) => pausedAt === null && (state === 'pending' || state === 'active'),
  resume: ({ pausedAt }) => pausedAt !== null,
};

/** Those that fit the command; all of them when none does, since a person may know more. */
async function tasksFor(command: string, typed: string, repoDir: string | null): Promise<readonly Candidate[]> {
  const [{ findPlace }, { readStatus }] = await Promise.all([import('../place.ts'), import('./status-report.ts')]);
  const { tasks } = readStatus(await findPlace(repoDir ?? process.cwd(), process.env));
  const named = tasks.map(({ task, run }) => ({ task, candidate: { value: nameOf(task, typed), about: about({ task, run }) } }));
  const fits = FITS[command];
  const chosen = fits === undefined ? named : named.filter(({ task }) => fits(task));
  return (chosen.length > 0 ? chosen : named).map(({ candidate }) => candidate);
}

/** As short as it can be typed, or in the form that was begun. */
function nameOf({ id }: Task, typed: string): string {
  return id.startsWith('gh-') && !typed.startsWith('g') ? id.slice(3) : id;
}

const about = ({ task }: TaskReport): string => `${task.pausedAt === null ? task.state : 'paused'}: ${task.title}`;
