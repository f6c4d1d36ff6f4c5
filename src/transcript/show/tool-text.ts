import type { EventOf } from '../../agents/words/events.ts';
import { list, number, object, string } from '../../agents/words/fields.ts';
import { cleanText } from './clean.ts';
import { counted, size } from './quantities.ts';

/** A tool call, shown: a head line, and lines below it that are marked as taken out or put in. */
export interface ShownCall {
  readonly head: string;
  readonly body: readonly ShownLine[];
}
export interface ShownLine {
  readonly mark: ' ' | '+' | '-';
  readonly text: string;
}

const line = (mark: ShownLine['mark'], text: string): ShownLine => ({ mark, text });
const linesOf = (text: string): string[] => cleanText(text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');

/** What matters of a call: file, command, pattern, size, the diff of an edit. `detailed`: every parameter as well. */
export function showCall({ name, input }: EventOf<'tool_start'>, detailed: boolean): ShownCall {
  const fields = object(input) ?? {};
  const shown = callOf(name, fields);
  return detailed ? { head: shown.head, body: [...shown.body, ...parameters(fields)] } : shown;
}

function callOf(name: string, fields: Readonly<Record<string, unknown>>): ShownCall {
  const text = (key: string): string => cleanText(string(fields[key]) ?? '');
  const file = text('file_path') || text('notebook_path') || text('path');
  switch (name) {
    case 'Bash': {
      const [first = '', ...more] = linesOf(text('command'));
      const background = fields.run_in_background === true ? ' (in the background)' : '';
      return { head: `${first}${background}`, body: more.map((each) => line(' ', each)) };
    }
    case 'Write': {
      const content = string(fields.content) ?? '';
      return { head: `${file} (${counted(linesOf(content).length, 'line')}, ${size(Buffer.byteLength(content))})`, body: [] };
    }
    case 'Edit':
      return { head: `${file}${fields.replace_all === true ? ' (all places)' : ''}`, body: diffOf(fields) };
    case 'MultiEdit':
      return { head: file, body: list(fields.edits).flatMap((edit) => diffOf(object(edit) ?? {})) };
    case 'Read': {
      const from = number(fields.offset);
      const count = number(fields.limit);
      const part = from === null && count === null ? '' : ` (from line ${from ?? 1}${count === null ? '' : `, ${counted(count, 'line')}`})`;
      return { head: `${file}${part}`, body: [] };
    }
    case 'Grep':
    case 'Glob':
      return { head: `${text('pattern')}${text('path') && ` in ${text('path')}`}${text('glob') && ` (${text('glob')})`}`, body: [] };
    case 'Task':
    case 'Agent':
      return { head: `${text('subagent_type') || 'agent'}: ${text('description')}`, body: [] };
    default:
      return { head: compact(fields), body: [] };
  }
}

/** What an edit takes out and puts in, without the lines that stay at both ends. */
function diffOf(edit: Readonly<Record<string, unknown>>): readonly ShownLine[] {
  const before = linesOf(string(edit.old_string) ?? '');
  const after = linesOf(string(edit.new_string) ?? '');
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  while (end < before.length - start && end < after.length - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  return [
    ...before.slice(start, before.length - end).map((text) => line('-', text)),
    ...after.slice(start, after.length - end).map((text) => line('+', text)),
  ];
}

/** Parameters of a tool that nobody here knows, on one line. */
function compact(fields: Readonly<Record<string, unknown>>): string {
  return cleanText(
    Object.entries(fields)
      .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
      .join(' '),
  ).replaceAll('\n', ' ');
}

function parameters(fields: Readonly<Record<string, unknown>>): readonly ShownLine[] {
  return Object.entries(fields).flatMap(([key, value]) => {
    const [first = '', ...more] = linesOf(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
    return [line(' ', `${key}: ${first}`), ...more.map((each) => line(' ', `  ${each}`))];
  });
}

/** The exit code that a result tells, in its structure or in words; null: none. */
export function exitCodeOf({ output, detail }: EventOf<'tool_end'>): number | null {
  const code = number(object(detail)?.exitCode ?? object(detail)?.exit_code);
  if (code !== null) return code;
  const words = /^(?:Error: )?Exit code (\d+)/.exec(output);
  return words === null ? null : Number(words[1]);
}

/** A result's lines, with what only the agent needs taken off. */
export function resultLines(output: string): readonly string[] {
  return linesOf(withoutFrame(output).replace(/^Exit code \d+\n?/, '')).filter(
    (each, i, all) => each.trim() !== '' || (i > 0 && i < all.length - 1),
  );
}

const [FRAME, FRAME_END] = ['<tool_use_error>', '</tool_use_error>'];
const withoutFrame = (text: string): string =>
  text.startsWith(FRAME) && text.endsWith(FRAME_END) ? text.slice(FRAME.length, -FRAME_END.length) : text;
