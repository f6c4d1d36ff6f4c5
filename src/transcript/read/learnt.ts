import { createHash } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { number, object, parseObject, string } from '../../agents/words/fields.ts';
import { besideIt, openPlain, readPlainFile } from '../../files/open-plain.ts';
import { writeWhole } from '../../files/write-whole.ts';

/*
 * What a reading of a long log has found is kept beside it, so that the next one reads only what is new. It is a cache and no more: it is
 * left alone when it does not belong to the log as it is now, cannot be read or cannot be written.
 */

/** A part of a log; `to` is behind its last byte. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Found in the first `to` bytes of a log, which end with a line. */
export interface Learnt {
  readonly to: number;
  /** Uses of each tool. */
  readonly tools?: Readonly<Record<string, number>>;
  /** Where all trouble stands, with the calls that it belongs to. */
  readonly trouble?: readonly Range[];
  /** Calls that have not ended: their failure may come. */
  readonly open?: readonly (Range & { readonly id: string })[];
}

type Topic = 'tools' | 'trouble';

/** Shorter readings are done again as quickly. */
const WORTH_KEEPING = 32e6;
const WITNESS = 4096;
const MOST = 64e6;

export const worthKeeping = (before: Learnt | null, to: number): boolean => to - (before?.to ?? 0) >= WORTH_KEEPING;

/** What is known of this log; null: nothing, or nothing that fits it. `folder` null: nothing is kept. */
export async function readLearnt(folder: string | null, log: string, topic: Topic): Promise<Learnt | null> {
  if (folder === null) return null;
  // A file that is not there, or torn, teaches nothing.
  const fields = parseObject(await readPlainFile(pathOf(folder, log, topic), MOST).catch(() => ''));
  const to = number(fields?.to);
  if (fields === null || to === null || fields.version !== 1 || string(fields.witness) !== (await witnessOf(log, to))) return null;
  if (topic === 'tools') {
    const tools = Object.entries(object(fields.tools) ?? {}).flatMap(([name, count]) => (typeof count === 'number' ? [[name, count]] : []));
    return object(fields.tools) === null ? null : { to, tools: Object.fromEntries(tools) as Record<string, number> };
  }
  if (!Array.isArray(fields.trouble) || !Array.isArray(fields.open)) return null;
  const trouble = fields.trouble.flatMap((part) => rangeIn(part, to));
  const open = fields.open.flatMap((part) => rangeIn(part, to).map((range) => ({ ...range, id: string(object(part)?.id) ?? '' })));
  return { to, trouble, open };
}

function rangeIn(value: unknown, end: number): Range[] {
  const [from, to] = [number(object(value)?.from), number(object(value)?.to)];
  return from === null || to === null || from < 0 || from >= to || to > end ? [] : [{ from, to }];
}

/** Written aside and renamed: a crash leaves the old one or the new one. What belongs to logs that are gone goes, too. */
export async function keepLearnt(folder: string | null, log: string, topic: Topic, learnt: Learnt): Promise<void> {
  if (folder === null) return;
  const path = pathOf(folder, log, topic);
  try {
    await mkdir(folder, { recursive: true });
    const witness = await witnessOf(log, learnt.to);
    await writeWhole(path, JSON.stringify({ version: 1, witness, ...learnt }), { mode: 0o644 });
    await forgetGone(folder, dirname(log));
  } catch {
    // A full disk, a folder of somebody else: then the next reading is as long as this one.
  }
}

async function forgetGone(folder: string, logs: string): Promise<void> {
  const there = new Set(await readdir(logs));
  const stale = (await readdir(folder)).filter((name) => !there.has(name.replace(/\.(?:tools|trouble)\.json(?:\.[\w.-]+)?$/, '')));
  await Promise.all(stale.map((name) => rm(join(folder, name), { force: true })));
}

const pathOf = (folder: string, log: string, topic: Topic): string => join(folder, `${basename(log)}.${topic}.json`);

/** Another log under the same name, or one that was cut or written over, has another beginning or another byte before `to`. */
export async function witnessOf(log: string, to: number): Promise<string | null> {
  const file = await openPlain(besideIt(log));
  try {
    const { ino, size } = await file.stat();
    if (size < to) return null;
    const hash = createHash('sha256').update(`${ino} ${to} `);
    for (const from of [0, Math.max(0, to - WITNESS)]) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(WITNESS), 0, Math.min(WITNESS, to - from), from);
      hash.update(buffer.subarray(0, bytesRead));
    }
    return hash.digest('hex');
  } finally {
    await file.close();
  }
}
