import type { BoardDoc, BoardNode } from './parse.ts';

/** The stretch in which two documents differ; before and after it they hold the same nodes. End indexes are exclusive. */
export interface Range {
  readonly from: number;
  readonly baseTo: number;
  readonly theirsTo: number;
}

/** Most edits touch a few lines of many: what is asked of them need not look at the rest. */
export function changedRange(base: BoardDoc, theirs: BoardDoc): Range {
  let from = 0;
  let baseTo = base.nodes.length;
  let theirsTo = theirs.nodes.length;
  while (from < baseTo && from < theirsTo && isSame(base.nodes[from], theirs.nodes[from])) from += 1;
  while (baseTo > from && theirsTo > from && isSame(base.nodes[baseTo - 1], theirs.nodes[theirsTo - 1])) {
    baseTo -= 1;
    theirsTo -= 1;
  }
  return { from, baseTo, theirsTo };
}

/** The same lines under the same section; the key tells a copy from the first. */
function isSame(one: BoardNode | undefined, two: BoardNode | undefined): boolean {
  if (one === undefined || two === undefined || one.key !== two.key || one.section !== two.section) return false;
  return one.lines.length === two.lines.length && one.lines.every((line, at) => line === two.lines[at]);
}
