import { createHash, createHmac } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../../../core/words/message-of.ts';
import type { Log } from '../../../engine/ports/records/log.ts';
import { readPlainSync } from '../../../files/open-plain.ts';
import { isSameSecret } from '../../../files/same-secret.ts';
import { writeWhole } from '../../../files/write-whole.ts';

/** An answer as the server gave it, and the tag under which it knows that version. */
export interface Raw {
  readonly etag: string;
  readonly data: unknown;
  readonly next: string | null;
}

/** Answers that are asked for again and again, kept across restarts, so that the first question of a start costs nothing either. */
export interface KeptAnswers {
  read(key: string, token: string | null): Raw | null;
  /** Soon, and at the latest before the next one of the same key; what cannot be written is not kept. Does nothing for who only reads. */
  write(key: string, token: string | null, answer: Raw): void;
}

const shape = z.object({ etag: z.string(), data: z.unknown(), next: z.string().nullable(), seal: z.string() });

/** A list of a hundred long issues is a megabyte or two. */
const MOST_BYTES = 8 * 1024 * 1024;
const MOST_FILES = 300;

/**
 * A file for each, sealed with the token: what a worker writes there in GitHub's name is known not to be of this daemon, and neither is what was read
 * with another token. Whoever has the token can ask GitHub to say what they like.
 */
export function keepAnswers(folder: string, log: Log, isWriting: boolean): KeptAnswers {
  const writing = new Map<string, Promise<void>>();
  let count: number | null = null;
  let complained = false;

  const fileOf = (key: string): string => join(folder, `${createHash('sha256').update(key).digest('hex').slice(0, 32)}.json`);
  const sealOf = (key: string, token: string, { etag, data, next }: Raw): string =>
    createHmac('sha256', token)
      .update(JSON.stringify(['tac8 kept answer', key, etag, next, data]))
      .digest('hex');

  async function put(key: string, token: string, { etag, data, next }: Raw): Promise<void> {
    const text = JSON.stringify({ etag, next, data, seal: sealOf(key, token, { etag, data, next }) });
    if (Buffer.byteLength(text) > MOST_BYTES) return;
    if (count === null) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      count = (await readdir(folder)).length;
    }
    await writeWhole(fileOf(key), text);
    count += 1;
    if (count > MOST_FILES) count = await clear(folder);
  }

  return {
    read(key, token) {
      if (token === null) return null;
      try {
        const { seal, etag, data, next } = shape.parse(JSON.parse(readPlainSync(fileOf(key), MOST_BYTES)));
        return isSameSecret(seal, sealOf(key, token, { etag, data, next })) ? { etag, data, next } : null;
      } catch {
        // There is none, or none that is good: it is asked for in full.
        return null;
      }
    },
    write(key, token, answer) {
      if (token === null || !isWriting) return;
      const work = (writing.get(key) ?? Promise.resolve())
        .then(() => put(key, token, answer))
        .catch((error: unknown) => {
          if (!complained) log.info(`answers of GitHub are not kept for the next start: ${messageOf(error)}`);
          complained = true;
        })
        .finally(() => {
          if (writing.get(key) === work) writing.delete(key);
        });
      writing.set(key, work);
    },
  };
}

/** Leaves the newer half. */
async function clear(folder: string): Promise<number> {
  const files = await Promise.all(
    (await readdir(folder)).map(async (name) => ({ path: join(folder, name), at: (await stat(join(folder, name))).mtimeMs })),
  );
  const old = files.sort((a, b) => b.at - a.at).slice(MOST_FILES / 2);
  for (const { path } of old) await rm(path, { force: true }).catch(() => undefined);
  return files.length - old.length;
}
