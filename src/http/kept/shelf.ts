import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { readPlainFile } from '../../files/open-plain.ts';
import { writeWhole } from '../../files/write-whole.ts';
import type { Kept } from '../../transcript/outline/outline.ts';
import type { Shelf } from '../../transcript/outline/outlines.ts';
import { witnessOf } from '../../transcript/read/learnt.ts';

/** No outline of ours is longer. */
const MOST_BYTES = 32 * 1024 * 1024;

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const at = z.number().nullable();
const few = z.string().max(20_000);
const spend = z.strictObject({
  ...{ inputTokens: z.number(), outputTokens: z.number(), cacheReadTokens: z.number(), cacheWriteTokens: z.number(), usd: z.number() },
  ...{ usdEstimated: z.number().optional(), tokensEstimated: z.number().optional(), tokensUnpriced: z.number().optional() },
  logsUnread: z.number().optional(),
});
const price = z.strictObject({ input: z.number(), output: z.number(), cached: z.number() });
const reply = z.strictObject({ message: few, model: few.nullable(), stated: spend, said: z.number(), whole: z.boolean() });
const doing = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('edit'), path: few }),
  z.strictObject({ kind: z.literal('test'), command: few }),
]);
const mark = z.strictObject({
  kind: z.enum(['error', 'edit', 'test', 'limit', 'told']),
  ...{ offset: count, part: count, at, ok: z.boolean().nullable(), text: z.string().max(200) },
});
const call = z.strictObject({ offset: count, part: count, at, name: few, doing: doing.nullable() });
const kept = z.strictObject({
  marks: z.array(mark).max(20_000),
  isCut: z.boolean(),
  milestones: z.array(z.strictObject({ line: count, offset: count, at })).max(512),
  costs: z.array(z.strictObject({ offset: count, usd: z.number() })).max(512),
  ...{ lines: count, after: count, last: at, every: count.min(1) },
  calls: z.array(z.tuple([few, call])).max(1_000),
  facts: z.strictObject({
    ...{ model: few.nullable(), prices: z.record(few, price).optional(), spend },
    unsettled: z.strictObject({ message: few.nullable(), spend, replies: z.record(few, reply).optional() }).optional(),
  }),
});
/** `of`: witness of what the log held when it was looked at so far. A number of another version is another shape, and is made anew. */
const file = z.strictObject({ version: z.literal(2), of: z.string(), kept });

const nameOf = (log: string): string => `${basename(log, '.jsonl')}.json`;

/** A folder with a file for each long log. What does not fit, or is of another log, is nothing: it is made anew from the log, which alone is true. */
export function createShelf(folder: string, onError: (error: unknown) => void): Shelf & { readonly tidy: (logs: string) => Promise<void> } {
  return {
    take: async (path) => {
      try {
        const found = file.safeParse(JSON.parse(await readPlainFile(join(folder, nameOf(path)), MOST_BYTES)));
        if (!found.success) return null;
        const { of, kept: outline } = found.data;
        return of === (await witnessOf(path, outline.after)) ? (outline as Kept) : null;
      } catch {
        // Torn, or something else in its place.
        return null;
      }
    },
    put: async (path, outline) => {
      try {
        const of = await witnessOf(path, outline.after);
        if (of === null) return;
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeWhole(join(folder, nameOf(path)), JSON.stringify({ version: 2, of, kept: outline }));
      } catch (error) {
        onError(error);
      }
    },
    /** Takes away what is kept of logs that are gone. */
    tidy: async (logs) => {
      try {
        const there = new Set((await readdir(logs)).map(nameOf));
        for (const name of await readdir(folder)) if (!there.has(name)) await rm(join(folder, name), { force: true });
      } catch {
        // Nothing was kept yet.
      }
    },
  };
}
