import { type Gate, pass, shut } from '../model/gate.ts';
import { isRacer, rootOf, type Task, type TaskIn } from '../model/task.ts';
import { attemptWords } from '../race/compare.ts';
import type { World } from '../tick/world.ts';

/** What several attempts side by side wait for: the task for its racers, each racer for the word that they begin. */
export function raceGates({ tasks, runs }: Pick<World, 'tasks' | 'runs'>, task: TaskIn<'pending'>): readonly Gate[] {
  const { id, race } = task;
  if (race !== undefined) return [raceGate(race, (one) => tasks.find((other) => other.id === one), runs)];
  if (!isRacer(id)) return [];
  const root = tasks.find((other) => other.id === rootOf(id));
  if (root?.race?.racers.includes(id) !== true) return [shut('race', `${rootOf(id)} has not begun its attempts`, `${rootOf(id)} starts`)];
  const { winner } = root.race;
  if (winner !== undefined && winner !== id) return [shut('race', `${winner} was chosen for ${root.id}`, `\`tac8 retry ${root.id}\``)];
  return [pass('race', `it is one of ${root.race.racers.length} attempts at ${root.id}`)];
}

type Find = (id: Task['id']) => Task | undefined;

function raceGate({ racers, winner }: NonNullable<Task['race']>, find: Find, runs: World['runs']): Gate {
  if (winner !== undefined) {
    const state = find(winner)?.state ?? 'unknown';
    const how = state === 'active' ? 'it is handed over now' : `it is ${state}`;
    return shut('race', `${winner} was chosen: ${how}`, `\`tac8 why ${winner}\``);
  }
  const words = racers.flatMap((id) => {
    const task = find(id);
    if (task === undefined) return [];
    const run = 'run' in task && task.run !== null ? (runs.find((one) => one.id === task.run) ?? null) : null;
    return [task.state === 'active' ? `${id}: at work` : attemptWords({ task, run })];
  });
  return shut('race', `attempts side by side: ${words.join('; ')}`, 'the best is chosen when none of them works any more');
}
