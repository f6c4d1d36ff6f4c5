import { closeSync, fstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Exit } from '../../../core/model/run.ts';
import type { RunId } from '../../../core/model/task.ts';
import { PortError } from '../../../engine/ports/error.ts';
import { openPlainSync } from '../../../files/open-plain.ts';
import type { Birth } from './proc.ts';

/** What the shell parent of a run left in its folder; see parent-script.ts for the files. */
export interface RunFolder {
  readonly path: string;
  /** `empty`: made, not yet written. */
  readonly launched: 'no' | 'empty' | 'yes';
  readonly parent: (Birth & { readonly bootId: string }) | null;
  readonly agent: (Birth & { readonly bootId: string; readonly kind: string }) | null;
  /** The first process of the run's PID namespace. */
  readonly init: Birth | null;
  /** The cgroup made for it. */
  readonly cgroup: string | null;
  readonly exit: (Exit & { /** seconds since boot */ readonly uptime: number }) | null;
}

export function folderOf(runsDir: string, run: RunId): string {
  if (!/^w-[0-9A-Za-z]{1,32}$/.test(run)) throw new PortError('terminal', `${JSON.stringify(run)} is not the id of a run`);
  return join(runsDir, run);
}

/**
 * A folder that is not there reads as not launched. A worker can write all of it: what it put in the place of a file (a pipe, a folder, a file
 * that nobody may read) says nothing, as a file does that is not written to its end. Throws a PortError where the machine fails to read.
 */
export function readRunFolder(runsDir: string, run: RunId): RunFolder {
  const path = folderOf(runsDir, run);
  const claim = words(join(path, 'launched'));
  const pid = words(join(path, 'pid'));
  return {
    path,
    launched: claim === null ? 'no' : claim.length === 0 ? 'empty' : 'yes',
    parent: birth(claim, (born) => ({ ...born, bootId: claim?.[2] ?? '' })),
    agent: birth(pid, (born) => ({ ...born, bootId: pid?.[2] ?? '', kind: pid?.[3] ?? 'sweep' })),
    init: readBirth(join(path, 'init')),
    cgroup: readText(join(path, 'cgroup'))?.trim() || null,
    exit: readExit(join(path, 'exit')),
  };
}

/** `PID START`, or null where it is not written. */
export const readBirth = (path: string): Birth | null => birth(words(path), (born) => born);

/** The last lines of what the shell parent complained about, for an error message. */
export function complaint(path: string): string {
  return (readText(join(path, 'parent.err')) ?? '').trim().split('\n').slice(-3).join(' | ').slice(-500);
}

export function isInputClosed(path: string): boolean {
  return readText(join(path, 'closed')) !== null;
}

function readExit(path: string): RunFolder['exit'] {
  const record = readClaim(path);
  const [code, uptime, oom] = wordsOf(record?.text ?? '');
  if (record === null || !Number.isInteger(Number(code)) || !Number.isFinite(Number(uptime))) return null;
  const at = Math.round(record.modifiedAt);
  return { code: Number(code), at, uptime: Number(uptime), ...(oom === 'oom' ? { outOfMemory: true as const } : {}) };
}

function birth<T>(from: readonly string[] | null, make: (born: Birth) => T): T | null {
  const [pid, startTime] = (from ?? []).map(Number);
  if (pid === undefined || startTime === undefined || !(pid > 0) || !(startTime >= 0)) return null;
  return make({ pid, startTime });
}

/** Null: no such file. Empty: not written to its end (a write is whole when it ends with a newline). */
function words(path: string): readonly string[] | null {
  const text = readText(path);
  return text === null ? null : wordsOf(text);
}

const wordsOf = (text: string): readonly string[] => (text.endsWith('\n') ? text.trim().split(' ') : []);

const readText = (path: string): string | null => readClaim(path)?.text ?? null;

/** They hold a few numbers each. */
const MOST = 4096;

/** What the machine cannot do for a moment: nothing that a worker wrote. */
const FAILURES = new Set(['EIO', 'EMFILE', 'ENFILE', 'ENOMEM']);

/** Null: no such file. Its time is in milliseconds since 1970. */
function readClaim(path: string): { readonly text: string; readonly modifiedAt: number } | null {
  try {
    const file = openPlainSync(path);
    try {
      const { size, mtimeMs } = fstatSync(file);
      return { text: size > MOST ? '' : readFileSync(file, 'utf8'), modifiedAt: mtimeMs };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'ENOENT') return null;
    if (FAILURES.has(code)) throw new PortError('unknown', `${path} cannot be read: ${code}`, { cause: error });
    return { text: '', modifiedAt: 0 };
  }
}
