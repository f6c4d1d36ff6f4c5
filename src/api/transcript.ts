import { z } from 'zod';
import { list, moment } from './parts.ts';

/** One thing that happened in a run. Its text comes from an agent: render it as text, never as markup. */
export const step = z.object({
  offset: z.int().describe('Where its line begins in the log, in bytes: with `part` its name for ever'),
  part: z.int().describe('Its place among the steps of one line, from 0'),
  at: moment().nullable().describe('When; null: its line has no time'),
  parent: z.string().nullable().describe('The call whose sub-agent this comes from; null: the main conversation'),
  kind: z
    .string()
    .describe(
      '`text`, `thinking`, `tool_start`, `tool_end`, `user`, `turn_end`, `session`, `retry`, `rate_limit`, `provider_error`, `denied`, `task`, `note`, `heartbeat`, `quiet`, `tac8`, `failure` or `raw`',
    ),
  id: z.string().nullable().describe('Of a call: its result has the same one'),
  name: z.string().nullable().describe('The tool of a call'),
  ok: z.boolean().nullable().describe('Of a result, a turn’s end, a failure: whether it is good'),
  text: z.string().describe('What a person reads of it; may be empty'),
  event: z.record(z.string(), z.unknown()).describe('All of it, as `tac8 view --json` prints it; times in it are ms'),
  cut: z.boolean().describe('Strings of it are shortened: `…/transcript/step?offset=&part=` has it whole'),
  pictures: list(
    z
      .object({ type: z.string().describe('Told by its bytes: PNG, JPEG, GIF or WebP'), width: z.int(), height: z.int() })
      .nullable()
      .describe('Null: it is no such picture, or too large to be drawn'),
  ).describe('In a result, in their order: `…/transcript/picture?offset=&index=` has each'),
});

/** A run in short: what stands where in its log, and what it had come to by then. */
export const outline = z.object({
  at: moment(),
  task: z.string(),
  run: z.string().nullable(),
  marks: list(
    z.object({
      kind: z.enum(['error', 'edit', 'test', 'limit', 'told']),
      offset: z.int().describe('With `part` the name of the step; of an edit or a test run, of its call'),
      part: z.int(),
      at: moment().nullable(),
      ok: z.boolean().nullable().describe('Of an edit or a test run: whether it went well'),
      text: z.string().describe('The path of an edit, the command of a test run, what went wrong. From an agent: render it as text'),
    }),
  ).describe('By when they had ended, from the `from`-th on'),
  next: z.int().describe('Give it as `from` for those that follow'),
  cut: z.boolean().describe('There are more marks than are kept'),
  milestones: list(z.object({ line: z.int(), offset: z.int(), at: moment().nullable() })).describe(
    'Lines of the log with their numbers, spread over all of it',
  ),
  costs: list(z.object({ offset: z.int(), usd: z.number() })).describe('What the run had come to, in dollars, where that changed'),
  lines: z.int().describe('So many lines of the log were looked at'),
  ended_at: moment().nullable().describe('When the last of them was said'),
  after: z.int().describe('Behind the last line that was looked at'),
  size: z.int().describe('Bytes of the log; where `after` has not reached it, ask again for the rest'),
});

export const transcriptPage = z.object({
  at: moment().describe('When the log was read'),
  task: z.string(),
  run: z.string().nullable().describe('Whose log this is'),
  runs: list(z.object({ run: z.string().nullable(), started_at: moment() })).describe('All attempts that have a log, oldest first'),
  steps: list(step).describe('In the order of the log'),
  before: z.int().nullable().describe('Give it as `before` for the page above; null: this is the beginning'),
  after: z.int().describe('Give it as `after` for the page below, or for what is written next'),
  size: z.int().describe('Bytes of the log; where `after` reached it, the end was read'),
  written_at: moment().describe('When the log was last written to'),
});

/**
 * `event: steps` of `…/transcript/follow`, as they are written; its id is `after`, so that a browser goes on where it was. `event: over`: a later
 * run has begun. `event: failed`: the log cannot be read any more.
 */
export const newSteps = z.object({
  at: moment().describe('When the log was read'),
  run: z.string().nullable(),
  steps: list(step),
  after: z.int(),
  size: z.int(),
});

/** A step that holds what was looked for. Its words come from an agent: render them as text. */
export const hit = z.object({
  task: z.string(),
  run: z.string().nullable(),
  offset: z.int().describe('With `part` the name of the step'),
  part: z.int(),
  at: moment().nullable(),
  who: z.string().describe('Who says it: `says`, `thinks`, `told`, the name of a tool, …'),
  line: z.string().describe('The first line of the step with a match, cut around it'),
  start: z.int().describe('Where in `line` the match begins'),
  length: z.int(),
});

export const transcriptHits = z.object({
  at: moment(),
  task: z.string(),
  run: z.string().nullable(),
  hits: list(hit).describe('In the order of the log, one a step'),
  after: z.int().describe('Give it as `after` for those that follow, or for what is written next'),
  size: z.int().describe('Bytes of the log; where `after` reached it, all was looked through'),
});

export const logHits = z.object({
  at: moment(),
  hits: list(hit).describe('Of the highest task number first, of a task the newest run first'),
  next: z.string().nullable().describe('Give it as `after` to look on; null: every log was looked through'),
});

export type OutlineJson = z.infer<typeof outline>;
export type HitJson = z.infer<typeof hit>;
export type TranscriptHits = z.infer<typeof transcriptHits>;
export type LogHits = z.infer<typeof logHits>;
export type NewSteps = z.infer<typeof newSteps>;
export type Step = z.infer<typeof step>;
export type TranscriptPage = z.infer<typeof transcriptPage>;
