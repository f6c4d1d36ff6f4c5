/** What has changed since the looks before, by what the forge says of when each was changed last; its clock alone counts. */
export interface Changes {
  /** Takes in an entry of a list; false: it was known as it is. */
  saw(kind: 'pull' | 'issue', number: number, updatedAt: number): boolean;
  /** From when on it is asked, as the forge writes times; null: from the beginning. */
  since(): string | null;
  due(): readonly Changed[];
  done(changed: readonly Changed[]): void;
  /** Whether there was a look before: what changed is known from then on. */
  isBegun(): boolean;
  begin(): void;
}

export interface Changed {
  readonly kind: 'pull' | 'issue';
  readonly number: number;
}

interface Entry extends Changed {
  readonly updatedAt: number;
  /** When it was first seen to have changed then, by our clock. */
  readonly seenAt: number;
  /** It was read since, and again in a later second: the forge tells whole seconds, and two changes of one second look like one. */
  readonly isSure: boolean;
}
const SURE_AFTER = 2_000;

export function createChanges(now: () => number): Changes {
  const known = new Map<number, Entry>();
  let newest: number | null = null;
  /** The newest of the looks before: all that is older was known then. */
  let watermark: number | null = null;

  return {
    saw(kind, number, updatedAt) {
      newest = Math.max(newest ?? updatedAt, updatedAt);
      if (watermark === null) return false;
      if (updatedAt < watermark) return false;
      const before = known.get(number);
      if (before?.updatedAt === updatedAt) return !before.isSure;
      known.set(number, { kind, number, updatedAt, seenAt: now(), isSure: false });
      return true;
    },
    since: () => (watermark === null ? null : new Date(watermark).toISOString()),
    due: () => [...known.values()].filter(({ isSure }) => !isSure),
    done(changed) {
      for (const { number } of changed) {
        const entry = known.get(number);
        if (entry !== undefined && Math.abs(now() - entry.seenAt) >= SURE_AFTER) known.set(number, { ...entry, isSure: true });
      }
    },
    isBegun: () => watermark !== null,
    begin() {
      // A repository in which there is nothing yet: all that comes is new.
      watermark = newest ?? 0;
      for (const [number, { updatedAt, isSure }] of known) if (isSure && updatedAt < watermark) known.delete(number);
    },
  };
}
