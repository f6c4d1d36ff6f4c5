import type { Ms } from './seen.ts';

/** One thing that must hold before a task may start; the same list decides and explains. */
export interface Gate {
  readonly name: string;
  readonly open: boolean;
  /** The evidence, one sentence. */
  readonly text: string;
  /** When it changes by itself, if that is known. */
  readonly until: Ms | null;
  /** Since when it is so, if that is known. */
  readonly since: Ms | null;
  /** What will open it, or what a person can do to open it; null for an open one. */
  readonly change: string | null;
}

export const gate = (name: string, open: boolean, text: string, more: Partial<Gate> = {}): Gate => ({
  ...{ name, open, text, until: null, since: null, change: null },
  ...more,
});
/** How it is shown: it is open, it holds the task, or it is only worth knowing and holds nothing. */
export function markOf({ name, open, change }: Pick<Gate, 'name' | 'open' | 'change'>): 'open' | 'shut' | 'note' {
  if (open) return 'open';
  return change === null || NOTES.has(name) ? 'note' : 'shut';
}
/** What is said of a run that goes on. */
const NOTES: ReadonlySet<string> = new Set(['warning', 'wanted']);

/** A gate that is shut. */
export const shut = (name: string, text: string, change: string, more: Partial<Gate> = {}): Gate =>
  gate(name, false, text, { change, ...more });
export const pass = (name: string, text: string): Gate => gate(name, true, text);

/** Of a note: work that is done waits for a person. */
export const NEEDS_YOU = 'needs-you';

/** What will change a gate that waits for an answer. */
export const NEXT_POLL = 'the next answer of GitHub';
