import { z } from 'zod';

const count = (most: number, usual: number) => z.coerce.number().int().min(1).max(most).default(usual);
const place = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const run = z
  .string()
  .regex(/^w-[0-9a-f]{6}$/)
  .optional()
  .describe('A run id; left out: the newest with a log');

const words = z.string().min(1).max(500).describe('Words as they stand there, upper and lower case alike');
const tool = z.string().min(1).max(200).optional().describe('Only in calls of this tool and their results');

/** What can be asked for behind the `?`. */
export const QUERIES = {
  tasks: z.strictObject({
    state: z
      .string()
      .regex(/^(?:pending|active|review|completed|failed|blocked)(?:,(?:pending|active|review|completed|failed|blocked))*$/)
      .optional()
      .describe('One state or several with commas between; left out: all'),
    label: z.string().max(200).optional(),
    text: z.string().max(200).optional().describe('In the id or the title, upper and lower case alike'),
    limit: count(200, 50),
    after: z
      .string()
      .regex(/^\d{1,6}$/)
      .optional()
      .describe('`next` of the page before'),
  }),
  transcript: z.strictObject({
    run,
    after: place.optional().describe('Forward from this byte; 0: the beginning'),
    before: place.optional().describe('Backward from this byte; neither of both: backward from the end'),
    time: z.iso.datetime({ offset: true }).optional().describe('Forward from this time'),
    errors: z.literal('1').optional().describe('Only what went wrong, with the calls that it belongs to'),
    limit: count(1000, 200),
  }),
  follow: z.strictObject({ run, after: place.optional().describe('From this byte; left out: what is written from now on') }),
  hits: z.strictObject({ run, text: words, tool, after: place.default(0), limit: count(1000, 500) }),
  search: z.strictObject({
    text: words,
    tool,
    limit: count(200, 50),
    after: z
      .string()
      .regex(/^(?:gh|local)-[1-9][0-9]{0,14}(?:\.[a-z][a-z0-9_]{0,39})?\/(?:w-[0-9a-f]{6})?\/\d{1,16}$/)
      .optional()
      .describe('`next` of the page before'),
  }),
  outline: z.strictObject({ run, from: place.default(0).describe('Marks from this one on') }),
  picture: z.strictObject({ run, offset: place, index: z.coerce.number().int().min(0).max(100).default(0) }),
  step: z.strictObject({ run, offset: place, part: place.default(0) }),
  diff: z.strictObject({
    file: z.string().max(4096).optional(),
    patch: z.enum(['no']).optional().describe('`no`: the files alone, which costs git half'),
  }),
  timeline: z.strictObject({ hours: count(72, 12) }),
  stats: z.strictObject({
    days: count(92, 14),
    model: z.string().max(200).optional().describe('Only runs of this model; `unknown`: of none that is known'),
    label: z.string().max(200).optional().describe('Only runs of tasks with this label'),
  }),
  history: z.strictObject({ limit: count(1000, 100) }),
  none: z.strictObject({}),
} as const;

export type Queries = { readonly [K in keyof typeof QUERIES]: z.infer<(typeof QUERIES)[K]> };
