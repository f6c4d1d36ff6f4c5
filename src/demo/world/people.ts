import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { issueNumber, type TaskId } from '../../core/model/task.ts';
import { WAITS } from '../agent/hands.ts';
import type { JournalEntry } from '../agent/journal.ts';
import { FATES, type FateName } from '../ground/fates.ts';
import { isOver, type Life } from './census.ts';
import { type DemoForge, LABEL, PEOPLE } from './forge.ts';
import { SETTINGS } from './world.ts';

/** Something that a person did by hand while tac8 was at work. */
export interface Act {
  readonly fate: FateName;
  readonly what: string;
  /** Milliseconds since 1970, just before it was done. */
  readonly at: number;
}

export interface Sight {
  readonly journals: ReadonlyMap<string, readonly JournalEntry[]>;
  readonly lives: readonly Life[];
  /** The most agents that were ever seen alive at once. */
  readonly peak: number;
}

/** Agents that never end are left alone until all slots were in use, so that it is seen that there are no more; but not longer than this. */
const PATIENCE_MS = 8000;

export interface People {
  /** Does what is due by what is seen; answers what was done. */
  act(sight: Sight): Promise<readonly Act[]>;
  acts(): readonly Act[];
  /** Nothing is left for them to do: all done, or its moment is past. */
  isIdle(sight: Sight): boolean;
}

interface Plan {
  readonly fate: FateName;
  readonly what: string;
  readonly isDue: (sight: Sight) => boolean;
  readonly perform: () => Promise<void> | void;
}

/** The people of the demo. They see what people see: files in worktrees, processes, the agents' own words. */
export function createPeople(widgets: string, forge: DemoForge, tasks: ReadonlyMap<FateName, TaskId>, scripted: boolean): People {
  const done = new Map<FateName, Act>();
  const plans = plan(widgets, forge, tasks, scripted);
  const isPast = ({ fate }: Plan, { lives }: Sight): boolean => fate !== 'local' && isOver(lives, tasks.get(fate) ?? '');
  return {
    async act(sight) {
      const now: Act[] = [];
      for (const { fate, what, isDue, perform } of plans) {
        if (done.has(fate) || !isDue(sight)) continue;
        const act = { fate, what, at: Date.now() };
        await perform();
        done.set(fate, act);
        now.push(act);
      }
      return now;
    },
    acts: () => [...done.values()],
    isIdle: (sight) => plans.every((one) => done.has(one.fate) || isPast(one, sight)),
  };
}

function plan(widgets: string, forge: DemoForge, tasks: ReadonlyMap<FateName, TaskId>, scripted: boolean): readonly Plan[] {
  const taskOf = (fate: FateName): TaskId => tasks.get(fate) ?? 'local-1';
  const tree = (fate: FateName): string => join(widgets, 'trees', taskOf(fate));
  /** In its worktree, which may be on another machine. */
  const isThere = (fate: FateName, file: string): boolean =>
    existsSync(join(tree(fate), file)) || globSync(join(widgets, '../machines/*/trees', taskOf(fate), file)).length > 0;
  /** Its first file is there, and it waits for something that never comes. */
  const isStuck = (fate: FateName, file: string, { journals, lives, peak }: Sight): boolean => {
    const waits = [...journals.values()].some((entries) => entries.some((entry) => entry.task === taskOf(fate) && entry.text === WAITS));
    const born = lives.find((life) => life.task === taskOf(fate))?.bornBy ?? Date.now();
    const wasFull = peak >= SETTINGS.slots || Date.now() - born > PATIENCE_MS;
    return isThere(fate, file) && (waits || !scripted) && wasFull;
  };
  const board = join(widgets, 'tasks.md');
  return [
    {
      fate: 'stopped',
      what: `touch trees/${taskOf('stopped')}/STOP`,
      isDue: (sight) => isStuck('stopped', 'NOTES.md', sight),
      perform: () => writeFileSync(join(tree('stopped'), 'STOP'), ''),
    },
    {
      fate: 'unlabelled',
      what: `takes the label off #${issueNumber(taskOf('unlabelled'))}`,
      isDue: (sight) => isStuck('unlabelled', 'IDEAS.md', sight),
      perform: async () => {
        await forge.act('DELETE', `issues/${issueNumber(taskOf('unlabelled'))}/labels/${LABEL}?as=${PEOPLE.maintainer}`);
      },
    },
    {
      fate: 'local',
      what: 'writes a line into tasks.md',
      isDue: ({ lives }) => lives.length > 0 && existsSync(board) && readFileSync(board, 'utf8').includes('## Pending\n'),
      perform: () => {
        const title = FATES.find((fate) => fate.name === 'local')?.title ?? '';
        writeFileSync(board, readFileSync(board, 'utf8').replace('## Pending\n', `## Pending\n[] ${title}\n`));
      },
    },
  ];
}
