import type { TaskId } from '../../../src/core/model/task.ts';
import { MINUTE } from '../incidents/incidents.ts';
import type { Stage } from '../stage.ts';
import { taskLines } from './board-lines.ts';

/** How long an edit may take to take effect, nothing being wrong: the daemon may have missed that the file changed, and looks by itself. */
const EDIT_BOUND = 15 * MINUTE;

/** Something is to be seen of an edit, unless the same line was edited again meanwhile. `id` null: the line has none yet. */
function expectEdit(stage: Stage, id: TaskId | null, isSeen: () => boolean, words: string): void {
  const wish = Symbol(words);
  if (id !== null) stage.wishes.set(id, wish);
  stage.judge.expect({
    invariant: "a person's edit is never lost",
    within: EDIT_BOUND,
    holds: () => (id !== null && stage.wishes.get(id) !== wish) || isSeen(),
    words: () => words,
  });
}

/** A task came of the line, or has its title; or the board says that it cannot, as the line stands beside one that a lost database left. */
export function expectTask(stage: Stage, id: TaskId | null, title: string | null): void {
  const { tasks } = stage.contents;
  const isSeen = (): boolean =>
    title === null
      ? id !== null && (tasks.has(id) || stage.board.text?.includes(`${id} stands twice`) === true)
      : [...tasks.values()].some((task) => task.title === title);
  expectEdit(stage, id, isSeen, `no task ${title === null ? id : `"${title}"`} came of a line in tasks.md`);
}

/** A deleted pending line: out of the queue, or, where it had begun to run meanwhile, back on the board. */
export function expectGone(stage: Stage, id: TaskId): void {
  stage.ended.add(id);
  const isBack = (): boolean => taskLines(stage.board.text ?? '').some((line) => line.id === id);
  const { tasks } = stage.contents;
  const isSeen = (): boolean => !tasks.has(id) || tasks.get(id)?.state === 'failed' || isBack();
  expectEdit(stage, id, isSeen, `${id} was deleted from tasks.md, and is neither out of the queue nor on the board`);
}

export function expectPriority(stage: Stage, id: TaskId, priority: number): void {
  expectEdit(stage, id, () => stage.contents.tasks.get(id)?.priority === priority, `${id} was given priority ${priority} in tasks.md`);
}

export function expectCancelled(stage: Stage, id: TaskId): void {
  stage.ended.add(id);
  stage.wishes.delete(id);
  stage.bans.put(id, 'cancel', 'it was cancelled in tasks.md', EDIT_BOUND);
}

export function wantAgain(stage: Stage, id: TaskId): void {
  stage.wishes.delete(id);
  stage.bans.lift(id);
  stage.witness.rearmed(id);
}
