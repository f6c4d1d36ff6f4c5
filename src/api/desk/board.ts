import { z } from 'zod';
import { list, moment } from '../parts.ts';

const section = z.enum(['pending', 'active', 'completed', 'failed', 'blocked']);

const boardLine = z.object({
  line: z.int().describe('Where the task begins in the file, from 1'),
  count: z.int().describe('Lines of it: the task line and what stands below it'),
  section,
  task: z.string().nullable().describe('Null: the line has no number yet'),
  title: z.string(),
  priority: z.int().nullable().describe('Null: the line says none'),
  details: list(z.string()).describe('What stands below the task line'),
});

const sheet = {
  text: z.string().describe('The whole file'),
  sections: list(z.object({ section, heading: z.string(), line: z.int() })).describe('In the order of the file'),
  lines: list(boardLine),
  problems: list(z.object({ line: z.int().describe('0: the file as a whole'), message: z.string(), hint: z.string() })),
};

/** `tasks.md` as it stands now. */
export const board = z.object({
  at: moment(),
  ...sheet,
  held: z
    .object({
      message: z.string(),
      hint: z.string(),
      token: z.string().describe('Names this very text: an answer counts for it alone'),
      would: list(z.string()).describe('What it asks of tac8 once it is accepted, a sentence each'),
      acceptable: z.boolean().describe('False: nobody can have it taken in as it is, only put the board back or mend the file'),
    })
    .nullable()
    .describe('An edit of the file that looks like an accident and waits for a word of a person'),
});

const line = z.int().min(1).max(1_000_000);
const words = z.string().max(1_000_000);
const priority = z.int().min(0).max(3);

/** A change of one line; its rules are those of the file. */
export const boardChange = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('move'), line, before: line.describe('Where the task begins that it is put in front of') }),
  z.strictObject({
    kind: z.literal('place'),
    line,
    section: z.enum(['pending', 'failed']).describe('`pending` takes it up again, `failed` cancels it'),
  }),
  z.strictObject({ kind: z.literal('priority'), line, priority }),
  z.strictObject({ kind: z.literal('remove'), line }),
  z.strictObject({ kind: z.literal('add'), title: z.string().trim().min(1).max(20_000), priority: priority.nullable() }),
]);

/** `from` is the text that the edit began with: what others changed since then is brought together with it. */
export const boardBody = z.strictObject({
  from: words,
  text: words,
  held: z.boolean().optional().describe('Save it although it looks like an accident: it is held then until somebody accepts it'),
});
export const boardEdit = z.strictObject({ from: words, text: words, change: boardChange.optional().describe('Done to `text` first') });

export const boardDraft = z.object({
  at: moment(),
  ...sheet,
  would: list(z.string()).describe('What it asks of tac8, a sentence each'),
  refused: z.string().nullable().describe('Why it would not be saved; null: it would be'),
  holds: z.boolean().describe('It looks like an accident: with `held` it is saved all the same, and held'),
  merged: z
    .object({ from: z.string(), text: z.string() })
    .nullable()
    .describe(
      'The edit merged onto the file as it is now; where both changed the same line, this edit wins. Null: nobody else changed the file',
    ),
});

export type Board = z.infer<typeof board>;
export type BoardChange = z.infer<typeof boardChange>;
export type BoardBody = z.infer<typeof boardBody>;
export type BoardEdit = z.infer<typeof boardEdit>;
export type BoardDraft = z.infer<typeof boardDraft>;
