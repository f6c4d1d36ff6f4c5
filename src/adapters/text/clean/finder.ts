import type { Edit, Range } from './syntax/edits.ts';
import type { Visitor } from './syntax/events.ts';

/** Looks for one kind of thing that does not show, while the text's pieces pass by; asked once all have. */
export interface Finder extends Visitor {
  edits(code: readonly Range[]): readonly Edit[];
}
