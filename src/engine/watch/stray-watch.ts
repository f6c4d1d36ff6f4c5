import { parseBoard } from '../../core/board/text/parse.ts';
import { known, type Ms, type Seen, unknown } from '../../core/model/seen.ts';
import type { RunId, TaskId } from '../../core/model/task.ts';
import type { Stray } from '../../core/tick/world.ts';
import { messageOf } from '../../core/words/message-of.ts';
import { forAMoment } from '../act/for-a-moment.ts';
import type { Eyes } from '../ports/context.ts';
import type { StraySeen } from '../ports/machine/workers.ts';

/** Live workers that the store does not know, looked for when a daemon begins and for as long as one of them is left alone. */
export interface StrayWatch {
  /** For a tick: without those that the store has come to know since. */
  now(board: string | null): Seen<readonly Stray[]>;
  lookIfDue(now: Ms): Promise<void>;
  dueAt(): Ms;
  close(): Promise<void>;
}

const AGAIN_AFTER: Ms = 5_000;
type Found = Omit<Stray, 'isOver' | 'title'>;

export function watchStrays({ store, workers, workspaces, clock, log }: Eyes, wake: () => void): StrayWatch {
  let seen: Seen<readonly Found[]> = unknown('not looked yet', 0);
  let due: Ms = 0;
  let looking: Promise<void> | null = null;
  const told = new Set<RunId>();

  const isKnown = (run: RunId): boolean => {
    const state = store.run(run)?.state;
    return state !== undefined && state !== 'ended' && state !== 'settled';
  };

  async function complete(stray: StraySeen): Promise<Found> {
    if (!told.has(stray.run))
      log.warn(
        `${stray.run} (${stray.task ?? 'of no known task'}) lives as pid ${stray.process.pid}, though the database does not know it`,
      );
    told.add(stray.run);
    const none = { baseCommit: null, branch: null };
    const origin = stray.task === null ? none : await workspaces.originOf(stray.task).catch((error: unknown) => tellUnknown(stray, error));
    return { ...stray, ...(origin ?? none) };
  }

  function tellUnknown({ run }: StraySeen, error: unknown): null {
    log.warn(`tac8 does not know what the branch of ${run} was made from: ${messageOf(error)}`);
    return null;
  }

  async function look(): Promise<void> {
    const asked = clock.now();
    try {
      const found = await workers.strays(isKnown);
      seen = known(await Promise.all(found.map(complete)), asked);
      due = found.length === 0 ? Number.POSITIVE_INFINITY : clock.now() + AGAIN_AFTER;
    } catch (error) {
      log.warn(`tac8 does not know which workers live: ${messageOf(error)}`);
      seen = unknown(messageOf(error), seen.known || seen.since === 0 ? asked : seen.since);
      due = clock.now() + AGAIN_AFTER;
    }
    looking = null;
    wake();
  }

  return {
    now(board) {
      if (!seen.known) return seen;
      const left = seen.value.filter(({ run }) => !isKnown(run));
      const titles = board === null || left.length === 0 ? new Map<TaskId, string>() : titlesIn(board);
      const strays = left.map((stray) => ({
        ...stray,
        isOver: store.run(stray.run) !== null,
        title: (stray.task === null ? null : titles.get(stray.task)) ?? null,
      }));
      return known(strays, seen.at);
    },
    lookIfDue(now) {
      if (looking === null && now >= due) looking = look();
      return looking ?? Promise.resolve();
    },
    dueAt: () => (looking === null ? due : Number.POSITIVE_INFINITY),
    close: () => forAMoment(clock, new Set(looking === null ? [] : [looking])),
  };
}

function titlesIn(board: string): Map<TaskId, string> {
  const tasks = parseBoard(board).nodes.flatMap((node) => (node.kind === 'task' ? [node.task] : []));
  return new Map(tasks.flatMap(({ id, title }) => (id === null || title === '' ? [] : [[id, title] as const])));
}
