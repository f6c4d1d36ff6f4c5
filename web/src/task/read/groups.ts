import type { Call, Row } from './rows.ts';
import { briefOf } from './rows.ts';

/** Calls of the same tool, one after the other, that went well and show no picture: one line, until somebody opens it. */
export interface Group {
  readonly kind: 'group';
  /** Of no step: its first call's, and a word more. */
  readonly key: string;
  readonly at: number | null;
  readonly depth: number;
  readonly isError: false;
  readonly name: string;
  readonly calls: readonly Call[];
  readonly open: boolean;
}

/** A line as it is shown. */
export type Line = Row | Group;

/** Two are no crowd. */
const FEWEST = 3;

/**
 * The rows with runs of the same tool as one line each. `opened`: keys of calls; a group that holds one of them shows its calls below it. What
 * was said last is left as it is while the run lives: nothing that somebody is reading folds up under his eyes.
 */
export function groupsIn(rows: readonly Row[], opened: ReadonlySet<string>, live: boolean): readonly Line[] {
  const lines: Line[] = [];
  for (let at = 0; at < rows.length; ) {
    const calls = sameFrom(rows, at);
    const [first] = calls;
    const isLast = at + calls.length >= rows.length;
    if (first === undefined || calls.length < FEWEST || (live && isLast)) {
      const many = Math.max(1, calls.length);
      lines.push(...rows.slice(at, at + many));
      at += many;
      continue;
    }
    const open = calls.some(({ key }) => opened.has(key));
    const { key, at: time, depth, name } = first;
    lines.push({ kind: 'group', key: `${key}.group`, at: time, depth, isError: false, name, calls, open });
    if (open) lines.push(...calls.map((call) => ({ ...call, depth: call.depth + 1 })));
    at += calls.length;
  }
  return lines;
}

/** The calls of one tool that stand there in a row and went well. */
function sameFrom(rows: readonly Row[], from: number): readonly Call[] {
  const calls: Call[] = [];
  for (let at = from; at < rows.length; at += 1) {
    const row = rows[at];
    const [first] = calls;
    if (row?.kind !== 'call' || row.isError || row.end === null || row.start === null || row.end.pictures.length > 0) break;
    if (first !== undefined && (row.name !== first.name || row.depth !== first.depth)) break;
    calls.push(row);
  }
  return calls;
}

/** What they were about: each once, in their order. */
export const briefsOf = ({ calls }: Group): string => [...new Set(calls.map(briefOf).filter((brief) => brief !== ''))].join(', ');

/** All of them together; null: not known of each. */
export const tookAll = ({ calls }: Group): number | null =>
  calls.reduce<number | null>((sum, { took }) => (sum === null || took === null ? null : sum + took), 0);
