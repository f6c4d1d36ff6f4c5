import type { Settings } from '../../config/settings.ts';
import type { Place } from '../../place/place.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The repository, with its settings where they are right. */
export interface Patient {
  readonly place: Place;
  readonly settings: Settings | null;
  readonly env: Environment;
  readonly probe: boolean;
  /** Whether the forge is asked to write what it has to refuse; left out: not. */
  readonly writes?: boolean;
  /** Ways out of a worker's sandbox that are tried for real; left out: none. */
  readonly escapes?: 'some' | 'all';
}
