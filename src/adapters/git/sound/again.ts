import { PortError } from '../../../engine/ports/error.ts';
import { type Sound, whileMending } from './sound.ts';

/** Words of git under LC_ALL=C: objects are gone, or it cannot read them. The remote may have them still. */
const LACKS =
  /not a valid branch point|[Cc]ould not (?:parse|read|get) object|(?:cannot|failed to|unable to) read (?:object|sha1 file|tree|existing)|bad (?:tree )?object|missing (?:blob|tree|commit|object)|object file .* is empty|is corrupt|is missing|inflate: |unable to (?:unpack|find) |mmap failed|packfile .* cannot be (?:accessed|mapped)|not our ref|did not send all necessary objects/;

/** Broken things that hide each other: one more is found each time. */
const ROUNDS = 4;

/** What did not help is not tried again for so long, and for at most a twentieth of the time: a fetch of everything may take minutes. */
const [REST, SHARE] = [600_000, 20];

interface Tools {
  readonly sound: () => Promise<Sound | null>;
  /** Brings all of the base and of our branches from the remote, as if nothing were here; false: it did not come. */
  readonly refetch: () => Promise<boolean>;
}

/**
 * What fails in a repository that somebody broke is done once more when that is put right; also where objects were gone, and came again. `tree`: the
 * worktree that the work is about.
 */
export function againWhenMended({ sound, refetch }: Tools): <T>(work: () => Promise<T>, tree?: string) => Promise<T> {
  let restsUntil = 0;
  return async (work, tree) => {
    let took = -1;
    for (let round = 1; ; round += 1) {
      const before = (await sound())?.mended() ?? 0;
      try {
        return await whileMending(sound, work, tree);
      } catch (error) {
        const said = error instanceof PortError ? error.message : '';
        const lacks = LACKS.test(said);
        if (lacks && took >= 0) restsUntil = performance.now() + Math.max(REST, took * SHARE);
        if (round === ROUNDS) throw error;
        await (await sound())?.mend(said);
        let isBack = false;
        if (lacks && took < 0 && performance.now() > restsUntil) {
          const from = performance.now();
          isBack = await refetch().catch(() => false);
          took = performance.now() - from;
          if (!isBack) restsUntil = performance.now() + Math.max(REST, took * SHARE);
        }
        if (!isBack && ((await sound())?.mended() ?? 0) === before) throw error;
      }
    }
  };
}
