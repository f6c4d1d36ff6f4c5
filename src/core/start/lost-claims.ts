import type { Ms } from '../model/seen.ts';
import { rootOf } from '../model/task.ts';
import { CLAIMED } from '../steer/verbs.ts';
import type { Draft } from '../tick/draft.ts';
import type { World } from '../tick/world.ts';

/** This daemon was silent for so long that another one took the issue over: its work goes on there, ours is ended and saved. */
export function leaveLost(draft: Draft, { claims }: World, now: Ms): void {
  if (claims === null) return;
  for (const task of draft.tasks.in('active')) {
    const seen = claims.of.get(rootOf(task.id));
    if (seen?.known !== true || seen.value.kind === 'ours' || seen.value.claim.over !== null) continue;
    const reason = `its issue is ${seen.value.words}`;
    const run = draft.runs.get(task.run);
    if (run === undefined || run.state === 'ended' || run.state === 'settled') continue;
    draft.run(task.run, { kind: 'stop', cause: { type: 'cancelled', by: CLAIMED, reason, at: now } }, reason);
  }
}
