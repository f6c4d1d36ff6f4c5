import { join } from 'node:path';
import { z } from 'zod';
import type { Repositories, Repository } from '../../api/desk/repositories.ts';
import { iso } from '../../api/iso.ts';
import { uncertain } from '../../api/parts.ts';
import type { Ms } from '../../core/model/seen.ts';
import { readPageToken } from '../guard/keys.ts';
import { type Entry, entriesIn, forget } from './registry.ts';

const PATIENCE = 3_000;
const MOST_ANSWER = 16 * 1024 * 1024;

/** What is wanted of another daemon's state; it may be of another version. */
const told = z.object({
  slots: z.object({ used: z.int(), of: z.int().nullable() }),
  health: z.string().max(100),
  seen_at: z.string().max(100).nullable(),
  spend_today: z.object({ usd: z.number(), ...uncertain }),
  tasks: z.array(z.object({ state: z.string(), group: z.string().nullish() })),
});

/** Every repository that is served on this machine, as its own daemon tells. */
export async function readRepositories(folder: string | null, own: string, now: () => Ms): Promise<Repositories> {
  const entries = folder === null ? [] : await entriesIn(folder);
  const rows = await Promise.all(entries.map((entry) => rowOf(entry, own)));
  const gone = entries.filter((_, n) => rows[n] === null);
  if (folder !== null) await Promise.all(gone.map((entry) => forget(folder, entry, now()).catch(() => undefined)));
  return { at: iso(now()), repositories: rows.filter((row) => row !== null) };
}

/** A link that lets a browser into another repository's page; null: there is none, or it gives none. */
export async function linkInto(folder: string | null, root: string): Promise<string | null> {
  const entry = folder === null ? undefined : (await entriesIn(folder)).find((one) => one.root === root);
  if (entry === undefined) return null;
  const answer = await askAt(entry, 'links', 'POST').catch(() => null);
  const link = z.object({ url: z.string() }).safeParse(answer);
  // Whoever answers there leads to itself, and nowhere else.
  return link.success && link.data.url.startsWith(`${entry.url}/enter?code=`) ? link.data.url : null;
}

/** Null: its daemon is gone. */
async function rowOf(entry: Entry, own: string): Promise<Repository | null> {
  const { root, url, pid } = entry;
  const nothing = { slots: null, needs_you: null, usd_today: null, health: null, seen_at: null };
  const row = { root, here: root === own, url };
  try {
    const { slots, health, seen_at, spend_today, tasks } = told.parse(await askAt(entry, 'state', 'GET'));
    // A daemon of the version before tells no group.
    const needs = tasks.filter(({ state, group }) => (group === undefined ? state === 'blocked' : group === 'needs_you')).length;
    const { usd, ...notCertain } = spend_today;
    return { ...row, slots, needs_you: needs, usd_today: usd, ...notCertain, health, seen_at, why: null };
  } catch {
    return lives(pid) ? { ...row, ...nothing, why: 'its daemon does not answer' } : null;
  }
}

/** With the token of its own repository, which only its owner can read. Throws where it gives no answer. */
async function askAt({ root, url }: Entry, path: string, method: 'GET' | 'POST'): Promise<unknown> {
  const token = readPageToken(join(root, '.tac8'));
  if (token === null) throw new Error(`${root} has no token of this user’s daemon`);
  const answer = await fetch(`${url}/api/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    redirect: 'error',
    signal: AbortSignal.timeout(PATIENCE),
  });
  if (!answer.ok || answer.body === null) throw new Error(`${url} answers ${answer.status}`);
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of answer.body) {
    size += part.length;
    if (size > MOST_ANSWER) throw new Error(`${url} says too much`);
    parts.push(part);
  }
  return JSON.parse(Buffer.concat(parts).toString('utf8'));
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
