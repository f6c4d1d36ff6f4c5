import { useKeys } from '../ground/keys.ts';
import type { TaskRow } from '../link/contract.ts';
import { begin } from './acting.ts';
import { actsFor } from './acts.ts';

/** What can be done to a task, each with its key. */
export function ActButtons({ task }: { readonly task: TaskRow }) {
  const acts = actsFor(task);
  useKeys(Object.fromEntries(acts.map((act) => [act.key, () => begin(act, task)])));
  if (acts.length === 0) return null;
  return (
    <div class="acts">
      {acts.map((act) => (
        <button
          key={act.name}
          type="button"
          class="button"
          data-kind={act.isMain?.(task) === true ? 'main' : act.ends === null ? undefined : 'danger'}
          onClick={() => begin(act, task)}
        >
          {act.name} <kbd>{act.key}</kbd>
        </button>
      ))}
    </div>
  );
}
