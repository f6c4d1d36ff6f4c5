import type { Change, State } from './contract.ts';

/** What a change leaves out is as it was. */
export function changed(state: State, { head, rows, order }: Change): State {
  const byId = new Map(state.tasks.map((task) => [task.id, task]));
  for (const row of rows) byId.set(row.id, row);
  const tasks = (order ?? [...byId.keys()]).flatMap((id) => byId.get(id) ?? []);
  return { ...state, ...(head as Partial<State>), tasks };
}
