import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { MAIN } from '../world/built.ts';
import { environment, type Workplace, workplace } from '../world/daemon.ts';
import { type Program, startProgram } from '../world/program.ts';
import { type Postgres, startPostgres } from './postgres.ts';

/** Says what it does, commits, and ends; waits for a file where its task is called so. */
export const AGENT = `echo "$TAC8_TASK begins"
until [ ! -e "$1/wait" ]; do sleep 0.1; done
echo "$TAC8_TASK" >"$TAC8_TASK.txt"
git add -A && git commit -qm "work on $TAC8_TASK"
echo "$TAC8_TASK is done"
`;

export interface Fleet {
  readonly place: Workplace;
  readonly postgres: Postgres;
  /** `ahead`: of its clock, in ms. */
  runner(name: string, slots?: number, ahead?: number, url?: string): Program;
  /** The folder of a runner. */
  folder(name: string): string;
}

export async function fleet(context: TestContext): Promise<Fleet> {
  const [postgres, place] = await Promise.all([startPostgres(context), workplace(context)]);
  place.env.TAC8_POSTGRES = postgres.url;
  place.configure({ machines: {}, agent: place.agent(AGENT), base_branch: 'main' });
  const folder = (name: string): string => join(place.home, 'runners', name);
  return {
    place,
    postgres,
    folder,
    runner: (name, slots = 2, ahead = 0, url = postgres.url) => {
      const argv = [
        process.execPath,
        ...(ahead === 0 ? [] : ['--import', anotherTime(place.home, ahead)]),
        MAIN,
        'runner',
        '--join',
        url,
        '--dir',
        folder(name),
        '--name',
        name,
        '--slots',
        String(slots),
      ] as const;
      const { GITHUB_TOKEN: _, ...env } = environment(place.home);
      return startProgram([...argv], { cwd: place.home, env });
    },
  };
}

/** A file that sets the clock of a program that reads it first. */
function anotherTime(folder: string, ahead: number): string {
  const file = join(folder, `clock-${ahead}.mjs`);
  writeFileSync(file, `const now = Date.now; Date.now = () => now() + ${ahead};\n`);
  return file;
}

/** The run of a task once its agent lives on a machine. */
export async function running({ place }: Fleet, task: string) {
  const found = await place.until(
    'the agent',
    async () => (await place.status()).tasks.find(({ id, run }) => id === task && run?.pid != null),
    90_000,
  );
  if (found.run?.pid == null) throw new Error('it has no process');
  return { ...found.run, pid: found.run.pid };
}

export const begins = (fleet: Fleet, task: string): number => fleet.place.read(`logs/${task}.jsonl`).split(`${task} begins\n`).length - 1;
export const lives = (pid: number): boolean => existsSync(`/proc/${pid}/cwd`);
export const isUnknown = async (place: Workplace, task: string): Promise<boolean> =>
  (await place.status()).notes.some(
    (note) => note.task === task && /does not know whether w-\w+ is alive: (?:the machine one |Postgres: )/.test(note.text),
  );
export const held = (place: Workplace): (() => void) => {
  writeFileSync(join(place.notes, 'wait'), '');
  return () => rmSync(join(place.notes, 'wait'));
};
