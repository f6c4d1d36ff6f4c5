import type { Ms } from '../core/model/seen.ts';
import { READERS } from './readers.ts';
import type { AgentEvent } from './words/events.ts';
import { parseObject, time } from './words/fields.ts';
import { tac8Events } from './words/tac8-line.ts';

/** One line of a run's log, whoever wrote it: tac8, an agent whose words are read, or somebody else. Pure, never throws. Blank lines say nothing. */
export function parseLine(line: string): readonly AgentEvent[] {
  if (line.trim() === '') return [];
  const fields = parseObject(line);
  if (fields === null) return [raw(line, null)];
  const ours = tac8Events(fields);
  if (ours !== null) return ours;
  for (const { events } of READERS) {
    const said = events(fields, line);
    if (said !== null) return said;
  }
  return [raw(line, time(fields.timestamp))];
}

const raw = (text: string, at: Ms | null): AgentEvent => ({ kind: 'raw', at, parent: null, text });

/** The names of the tools that a whole line calls. */
export function toolsIn(line: Buffer): readonly string[] {
  for (const { toolCalled } of READERS) {
    const name = toolCalled?.(line) ?? null;
    if (name !== null) return [name];
  }
  return toolsParsed(line.toString('utf8'));
}

/** The same of a line that may be cut off. */
export const toolsParsed = (line: string): readonly string[] =>
  parseLine(line).flatMap((event) => (event.kind === 'tool_start' ? [event.name] : []));
