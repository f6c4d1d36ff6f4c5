import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deltaOf, type Hunk, patched, type TextDelta } from '../../../core/board/text/delta.ts';
import { readPlainBytesSync } from '../../../files/open-plain.ts';
import { decode, encode } from '../file/bytes.ts';
import { codeOf } from '../file/file.ts';

interface Delta extends TextDelta {
  /** The file that holds the other text whole. */
  readonly of: string;
}

export interface VersionFile {
  readonly name: string;
  readonly version: string;
  readonly size: number;
  readonly writtenAt: number;
  /** The whole text that this one is told by; null: it is whole itself. */
  readonly of: string | null;
}

/** The texts on disk, most of them as a difference to an earlier one: of a long board one edit changes a line or two. */
export interface VersionFiles {
  readonly found: readonly VersionFile[];
  /** Null where it cannot be read any more. */
  read(file: VersionFile): string | null;
  write(version: string, count: number, text: string): VersionFile;
  /** A whole text stays as long as another one is told by it. */
  remove(file: VersionFile): void;
}

/** A shorter text is always written whole: there is nothing to gain. */
const LONG = 16 * 1024;
const MOST = 256 * 1024 * 1024;

export function openVersionFiles(dir: string): VersionFiles {
  const used = new Map<string, number>();
  const doomed = new Set<string>();
  let whole: { readonly name: string; readonly text: string } | null = null;

  const use = (name: string | null, by: number): void => {
    if (name === null) return;
    const count = (used.get(name) ?? 0) + by;
    if (count > 0) used.set(name, count);
    else used.delete(name);
    if (count <= 0 && doomed.delete(name)) drop(name);
  };
  const drop = (name: string): void => {
    if (whole?.name === name) whole = null;
    rmSync(join(dir, name), { force: true });
  };
  const wholeText = (name: string): string => (whole?.name === name ? whole.text : decode(readPlainBytesSync(join(dir, name), MOST)));
  const deltaIn = (name: string): Delta | null => {
    try {
      const delta: unknown = JSON.parse(readPlainBytesSync(join(dir, name), MOST).toString('utf8'));
      return isDelta(delta) ? delta : null;
    } catch (error) {
      if (error instanceof SyntaxError) return null;
      return gone(error);
    }
  };

  // Made with the first version: a look alone leaves no trace.
  const names = existsSync(dir) ? readdirSync(dir).sort() : [];
  const found = names.flatMap((name): VersionFile[] => {
    const version = versionIn(name);
    const stat = statSync(join(dir, name), { throwIfNoEntry: false });
    if (stat === undefined) return [];
    const of = name.endsWith('.delta') ? deltaIn(name)?.of : null;
    if (version === null || of === undefined || (of !== null && !names.includes(of))) {
      rmSync(join(dir, name), { force: true, recursive: true });
      return [];
    }
    use(of, 1);
    return [{ name, version, size: stat.size, writtenAt: stat.mtimeMs, of }];
  });

  return {
    found,
    read({ name, of }) {
      try {
        if (of === null) return wholeText(name);
        const delta = deltaIn(name);
        return delta === null ? null : patched(wholeText(of), delta);
      } catch (error) {
        return gone(error);
      }
    },
    write(version, count, text) {
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      const stem = `${fileName(version)}.${String(count).padStart(4, '0')}`;
      const found = whole === null || text.length < LONG ? null : deltaOf(whole.text, text);
      const delta = whole === null || found === null ? null : { of: whole.name, ...found };
      const bytes = delta === null ? encode(text) : Buffer.from(JSON.stringify(delta));
      const file = {
        name: inOnePiece(`${stem}.${delta === null ? 'md' : 'delta'}`),
        version,
        size: bytes.length,
        writtenAt: Date.now(),
        of: delta?.of ?? null,
      };
      rmSync(join(dir, file.name), { force: true });
      writeFileSync(join(dir, file.name), bytes, { mode: 0o600, flag: 'wx' });
      use(file.of, 1);
      if (delta === null && text.length >= LONG) whole = { name: file.name, text };
      return file;
    },
    remove({ name, of }) {
      if (used.has(name)) doomed.add(name);
      else drop(name);
      use(of, -1);
    },
  };
}

/** A thousand names are kept. The engine keeps a text that was joined as its parts, and as what joins each two of them: eight times as much. */
const inOnePiece = (name: string): string => Buffer.from(name).toString();

function gone(error: unknown): null {
  if (['ENOENT', 'ENOTDIR', 'EISDIR', 'ENOTPLAIN', 'EFBIG'].includes(codeOf(error))) return null;
  throw error;
}

function isDelta(value: unknown): value is Delta {
  if (typeof value !== 'object' || value === null) return false;
  const { of, head, before, piece, more = [], after } = value as Partial<Record<keyof Delta, unknown>>;
  const isHunk = (part: Partial<Hunk> | null): boolean => isCount(part?.skip) && isCount(part?.keep) && isText(part?.piece);
  return (
    [of, head, piece].every(isText) &&
    [before, after].every(isCount) &&
    Array.isArray(more) &&
    more.every(isHunk) &&
    versionIn(String(of)) !== null
  );
}

const isText = (part: unknown): boolean => typeof part === 'string';
const isCount = (part: unknown): boolean => Number.isSafeInteger(part) && Number(part) >= 0;

/** `2026-11-22 14:03:11 <!-- 2.3 -->` ↔ `2026-11-22T14-03-11.000002-003` */
function fileName(version: string): string {
  const [, day, time, count = '1', revision = '0'] = /^(\S+) (\S+?)(?: <!-- (\d+)(?:\.(\d+))? -->)?$/.exec(version) ?? [];
  return `${day}T${time?.replaceAll(':', '-')}.${count.padStart(6, '0')}-${revision.padStart(3, '0')}`;
}

function versionIn(name: string): string | null {
  const found = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)\.(\d+)-(\d+)\.\d+\.(?:md|delta)$/.exec(name);
  if (found === null) return null;
  const [, day, hour, minute, second, count, revision] = found;
  const time = `${day} ${hour}:${minute}:${second}`;
  if (Number(revision) > 0) return `${time} <!-- ${Number(count)}.${Number(revision)} -->`;
  return Number(count) === 1 ? time : `${time} <!-- ${Number(count)} -->`;
}
