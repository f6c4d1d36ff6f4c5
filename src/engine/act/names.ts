import type { Commit } from '../../core/model/records.ts';
import type { RunId } from '../../core/model/task.ts';
import type { World } from '../../core/tick/world.ts';

type Name = World['fresh'][number];

/** Names are drawn for as many runs as a tick may create; those that no run got are the next tick's. */
export function drawNames(make: () => Name) {
  let drawn: readonly Name[] = [];
  return {
    draw(count: number): readonly Name[] {
      if (drawn.length < count) drawn = [...drawn, ...Array.from({ length: count - drawn.length }, make)];
      return drawn;
    },
    /** Before they are written: what became of a commit that failed is not known. */
    take(runs: NonNullable<Commit['runs']>): void {
      const isNew = new Set<RunId>(runs.flatMap(({ next, expected }) => (expected === null ? [next.id] : [])));
      if (isNew.size > 0) drawn = drawn.filter(({ run }) => !isNew.has(run));
    },
  };
}
