import { claudeEvents } from './claude.ts';
import type { AgentEvent } from './events.ts';
import { parseObject, time } from './fields.ts';
import { tac8Events } from './tac8-line.ts';

/** One line of a run's log, whoever wrote it: tac8, Claude, or somebody else. Pure, never throws. Blank lines say nothing. */
export function parseLine(line: string): readonly AgentEvent[] {
  if (line.trim() === '') return [];
  const fields = parseObject(line);
  const raw: AgentEvent = { kind: 'raw', at: time(fields?.timestamp), parent: null, text: line };
  if (fields === null) return [raw];
  return tac8Events(fields) ?? claudeEvents(fields, line) ?? [raw];
}
