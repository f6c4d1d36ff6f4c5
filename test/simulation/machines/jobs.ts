import { type Offered, type Place, type Queue, TAKEN_WITHIN_S } from '../../../src/adapters/machines/queue.ts';
import type { Ms } from '../../../src/core/model/seen.ts';
import { PortError } from '../../../src/engine/ports/error.ts';

interface Job {
  readonly id: string;
  readonly place: string;
  readonly offered: Offered;
  readonly priority: number;
  /** Null: it waits; else since when it is being taken. */
  takenAt: Ms | null;
}

const nameOf = ({ machine, labels }: Place): string => `${machine ?? ''} ${labels.toSorted().join('.')}`;

/** The runs that wait, as the queue in Postgres keeps them. */
export function createJobs(now: () => Ms, next: () => string) {
  const places = new Map<string, Place>();
  let jobs: Job[] = [];
  const waits = (job: Job): boolean => job.takenAt === null || now() - job.takenAt > TAKEN_WITHIN_S * 1_000;
  return {
    asSeenBy(db: <T>(effect: () => T) => Promise<T>, leads: () => boolean): Queue {
      const mayWrite = (): void => {
        if (!leads()) throw new PortError('retryable', 'another coordinator has taken over');
      };
      return {
        send: (place, offered, priority) =>
          db(() => {
            mayWrite();
            const name = nameOf(place);
            places.set(name, place);
            if (jobs.some((job) => job.place === name && job.offered.run === offered.run)) return;
            jobs.push({ id: next(), place: name, offered, priority, takenAt: null });
          }),
        cancel: (place, run) =>
          db(() => {
            mayWrite();
            jobs = jobs.filter((job) => job.place !== nameOf(place) || job.offered.run !== run || !waits(job));
          }),
        fetch: (place) =>
          db(() => {
            const fit = jobs.filter((job) => job.place === nameOf(place) && waits(job));
            const [job] = fit.sort((a, b) => b.priority - a.priority);
            if (job === undefined) return null;
            job.takenAt = now();
            return { id: job.id, offered: job.offered };
          }),
        complete: (_place, id) =>
          db(() => {
            jobs = jobs.filter((job) => job.id !== id);
          }),
        fitting: (labels) =>
          db(() =>
            [...places.values()].flatMap((place) =>
              place.machine === null && place.labels.length > 0 && place.labels.every((label) => labels.includes(label))
                ? [place.labels]
                : [],
            ),
          ),
        open: (place) => db(() => void places.set(nameOf(place), place)),
        close: async () => undefined,
      };
    },
  };
}
