import { readPlainSync } from '../files/open-plain.ts';
import type { Place } from './place.ts';

const MOST = 64 * 1024 * 1024;

/** `tasks.md` as it stands; null: there is none, or none that can be read. The store holds what matters of it. */
export function boardText({ board }: Pick<Place, 'board'>): string | null {
  try {
    return readPlainSync(board, MOST);
  } catch {
    return null;
  }
}
