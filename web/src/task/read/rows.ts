import type { Step } from '../../link/contract.ts';
import type { Line } from './groups.ts';

/** A line of the transcript: a call with its result, or something said. */
export type Row = Call | Said;

interface Place {
  /** The step's name for ever: `offset.part`. */
  readonly key: string;
  readonly at: number | null;
  /** How deep it stands in sub-agents; 0: the main conversation. */
  readonly depth: number;
  readonly isError: boolean;
}

export interface Call extends Place {
  readonly kind: 'call';
  readonly name: string;
  /** Null: the call stands above what is loaded. */
  readonly start: Step | null;
  /** Null: it goes on, or its result is not loaded. */
  readonly end: Step | null;
  /** In ms; null: not known. */
  readonly took: number | null;
}

export interface Said extends Place {
  readonly kind: 'agent' | 'thinking' | 'person' | 'note' | 'end';
  readonly step: Step;
  readonly text: string;
}

export const keyOf = ({ offset, part }: Step): string => `${offset}.${part}`;

/** Whether a step stands in this row: a result stands in its call's, once that is loaded. */
export const standsIn = (row: Line, step: string | null): boolean =>
  row.key === step || (row.kind === 'call' && row.end !== null && keyOf(row.end) === step);

/** Seen, and of no interest to a reader. */
const UNSEEN = new Set(['heartbeat', 'quiet']);
const WRONG = new Set(['failure', 'provider_error', 'denied', 'retry']);

/** The steps as rows: a result goes to its call, wherever between other things it comes. */
export function rowsOf(steps: readonly Step[]): readonly Row[] {
  const rows: Row[] = [];
  const callAt = new Map<string, number>();
  const depths = new Map<string, number>();
  for (const step of steps) {
    if (UNSEEN.has(step.kind)) continue;
    const depth = step.parent === null ? 0 : (depths.get(step.parent) ?? 0) + 1;
    const at = step.at === null ? null : Date.parse(step.at);
    const place = { key: keyOf(step), at, depth };
    if (step.kind === 'tool_start') {
      if (step.id !== null) {
        callAt.set(step.id, rows.length);
        depths.set(step.id, depth);
      }
      rows.push({ ...place, kind: 'call', name: step.name ?? 'a tool', start: step, end: null, took: null, isError: false });
    } else if (step.kind === 'tool_end') {
      const index = step.id === null ? undefined : callAt.get(step.id);
      const call = index === undefined ? undefined : rows[index];
      const isError = step.ok === false;
      if (index === undefined || call?.kind !== 'call' || call.end !== null)
        rows.push({ ...place, kind: 'call', name: step.name ?? 'a call further up', start: null, end: step, took: null, isError });
      else rows[index] = { ...call, end: step, isError, took: at === null || call.at === null ? null : Math.max(0, at - call.at) };
    } else
      rows.push({
        ...place,
        kind: kindOf(step),
        step,
        text: wordsOf(step, rows.at(-1)),
        isError: WRONG.has(step.kind) || (step.kind === 'turn_end' && step.ok === false),
      });
  }
  return rows;
}

/** The end of a turn says once more what was said last. */
function wordsOf({ kind, text }: Step, before: Row | undefined): string {
  if (kind === 'turn_end' && before?.kind === 'agent' && before.text.trim() === text.trim()) return '';
  return kind === 'tac8' ? text.replaceAll('_', ' ') : text;
}

function kindOf({ kind, event }: Step): Said['kind'] {
  switch (kind) {
    case 'text':
      return 'agent';
    case 'thinking':
      return 'thinking';
    case 'user':
      // Also the agent’s own program sends it messages.
      return event.synthetic === true ? 'note' : 'person';
    case 'turn_end':
      return 'end';
    default:
      return 'note';
  }
}

/** What a call is about, in one line. */
export function briefOf({ start, end }: Call): string {
  if (start === null) return firstLine(end?.text ?? '');
  const input = inputOf(start);
  for (const name of ['command', 'file_path', 'path', 'pattern', 'url', 'query', 'description', 'prompt']) {
    const value = input[name];
    if (typeof value === 'string' && value !== '') return firstLine(value.replace(WORKTREE, ''));
  }
  return firstLine(Object.values(input).find((value) => typeof value === 'string') ?? '');
}

/** `{}` where the agent gave none. */
export function inputOf({ event }: Step): Readonly<Record<string, unknown>> {
  const { input } = event;
  return typeof input === 'object' && input !== null && !Array.isArray(input) ? (input as Record<string, unknown>) : {};
}

export const outputOf = ({ event, text }: Step): string => (typeof event.output === 'string' ? event.output : text);

/** Where the agent works: every path of it begins with this. */
const WORKTREE = /^\/\S*\/trees\/[\w-]+\//;
const LONGEST_LINE = 400;
function firstLine(text: string): string {
  const line = text.slice(0, LONGEST_LINE).trimStart();
  const end = line.indexOf('\n');
  return end === -1 ? line : `${line.slice(0, end)} …`;
}
