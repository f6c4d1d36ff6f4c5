import { isTaskId, type TaskId } from '../../../src/core/model/task.ts';

/** A task line as a person sees it, without the help of tac8's own reading. */
export interface SeenLine {
  readonly at: number;
  readonly section: string;
  readonly id: TaskId;
  readonly mark: string;
  readonly title: string;
}

export const linesOf = (text: string): string[] => text.split(/\r?\n/);

export function taskLines(text: string): readonly SeenLine[] {
  const found: SeenLine[] = [];
  let section = '';
  linesOf(text).forEach((line, at) => {
    section = /^## (\w+)/.exec(line)?.[1] ?? section;
    const [, mark, id, title] = /^(\[[^\]]*\]) ([a-z]+-\d+(?:\.[a-z_]+)?): (.*)$/.exec(line) ?? [];
    if (mark !== undefined && id !== undefined && title !== undefined && isTaskId(id)) found.push({ at, section, id, mark, title });
  });
  return found;
}

/** The line with its details below it. */
export function blockEnd(lines: readonly string[], at: number): number {
  let end = at + 1;
  while (/^- \w+:/.test(lines[end] ?? '')) end += 1;
  return end;
}

export const headingAt = (lines: readonly string[], name: string): number => lines.findIndex((line) => line.startsWith(`## ${name}`));

/** With the line endings that the file has. */
export const joined = (lines: readonly string[], like: string): string => lines.join(like.includes('\r\n') ? '\r\n' : '\n');
