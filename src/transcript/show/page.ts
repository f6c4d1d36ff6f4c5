import type { AgentEvent } from '../../agents/words/events.ts';
import type { Ms } from '../../core/model/seen.ts';
import { cleanText } from './clean.ts';
import type { Paint } from './paint.ts';
import { clock, counted, grouped } from './quantities.ts';

/** A tool call that has not ended. */
export interface OpenCall {
  readonly name: string;
  readonly at: Ms | null;
  readonly depth: number;
}

/** How lines get onto the page: their time, their depth, and what is folded away. */
export interface Page {
  readonly detailed: boolean;
  readonly paint: Paint;
  readonly openCall: (event: AgentEvent, id: string, name: string) => void;
  /** The call, which is then forgotten. */
  readonly closeCall: (id: string) => OpenCall | null;
  /** Lines at the event's time and depth; only the first one carries the time. */
  readonly print: (event: AgentEvent, lines: readonly string[], indent?: number) => string;
  /** At most that many lines, and how many more there are. */
  readonly folded: (lines: readonly string[], most: number) => readonly string[];
  readonly cut: (text: string) => string;
}

const FOLDED_LINE = 400;
/** Calls without an end (an interrupted run) are forgotten past this number. */
const MAX_OPEN = 1000;

export function page(detailed: boolean, paint: Paint): Page {
  const calls = new Map<string, OpenCall>();
  const depthOf = (event: AgentEvent): number => (event.parent === null ? 0 : (calls.get(event.parent)?.depth ?? 0) + 1);
  // Many events share a second, and to ask for the local time costs more than to print them.
  let [second, words] = [-1, ''];
  const clockOf = (ms: Ms): string => {
    const its = Math.floor(ms / 1000);
    if (its !== second) [second, words] = [its, clock(ms)];
    return words;
  };
  const cut = (text: string): string => {
    if (detailed || text.length <= FOLDED_LINE) return text;
    return `${text.slice(0, FOLDED_LINE).toWellFormed()}${paint.dim(`… ${grouped(text.length - FOLDED_LINE)} more`)}`;
  };
  return {
    detailed,
    paint,
    openCall: (event, id, name) => {
      if (calls.size >= MAX_OPEN) calls.clear();
      calls.set(id, { name, at: event.at, depth: depthOf(event) });
    },
    closeCall: (id) => {
      const call = calls.get(id) ?? null;
      calls.delete(id);
      return call;
    },
    print: (event, lines, indent = 0) => {
      const space = '  '.repeat(depthOf(event) + indent);
      // A line without a time of its own has none: that of another line would be a guess.
      let [shown, time] = ['', event.at === null ? BLANK : paint.dim(clockOf(event.at))];
      for (const line of lines) {
        shown += `${`${time}  ${space}${line}`.trimEnd()}\n`;
        time = BLANK;
      }
      return shown;
    },
    folded: (lines, most) => {
      if (detailed || lines.length <= most) return lines.map(cut);
      return [...lines.slice(0, most).map(cut), paint.dim(`… ${counted(lines.length - most, 'line')} more`)];
    },
    cut,
  };
}

const BLANK = '        ';

/** The lines of a text, ready for a terminal. */
export const paragraphs = (text: string): readonly string[] => cleanText(text.trim()).split('\n');
