import type { Ms } from '../../core/model/seen.ts';
import type { Fields } from './events.ts';

/** Readers for values of unknown shape: each answers null instead of throwing. */
export const object = (value: unknown): Fields | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const string = (value: unknown): string | null => (typeof value === 'string' ? value : null);
export const number = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);

/** A time written as ISO 8601 or as milliseconds since the epoch. */
export function time(value: unknown): Ms | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string') return null;
  const parsed = Date.parse(value);
  return Number.isNaN(parsed) ? null : parsed;
}

/** Parses a line that should be one JSON object. A power cut leaves NUL bytes before whole lines: those are taken off. */
export function parseObject(line: string): Fields | null {
  const text = line.includes('\0') ? line.replaceAll('\0', '') : line;
  // What cannot be one costs no exception: a worker may write nothing else for hours.
  if (!(text.startsWith('{"') || /^\s*\{\s*["}]/.test(text)) || !text.trimEnd().endsWith('}')) return null;
  try {
    return object(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** The text of a message's content: a string, or blocks of which only the text counts. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return list(content)
    .map((block) => {
      const fields = object(block);
      if (typeof block === 'string') return block;
      if (fields === null) return '';
      return string(fields.text) ?? (fields.type === 'image' ? '[image]' : '');
    })
    .filter((text) => text !== '')
    .join('\n');
}
