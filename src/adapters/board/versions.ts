import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { versionOf } from '../../core/board/version.ts';
import { decode, encode } from './bytes.ts';

/** The texts that the file held, for a day: an editor may save what it loaded long ago. */
export interface VersionStore {
  /** Texts of this version: as written first, then as people saved it. */
  get(version: string): readonly string[];
  /** Remembers a text that was seen in the file or is about to be written there. */
  put(text: string): void;
}

const MOST_FILES = 1000;
const MOST_BYTES = 64 * 1024 * 1024;
/** Per version: the text as written and the newest ones that people saved. */
const MOST_TEXTS = 8;

/**
 * Keeps versions in `dir` (private, made on the first write). Written without fsync: what a crash loses here makes an old editor's
 * save be asked about instead of being understood.
 */
export function openVersions(dir: string, keepMs: number): VersionStore {
  const files = new Map<string, string[]>();
  const texts = new Map<string, string>();
  let total = 0;
  const sizes = new Map<string, number>();
  const forget = (name: string) => {
    rmSync(join(dir, name), { force: true });
    total -= sizes.get(name) ?? 0;
    sizes.delete(name);
    texts.delete(name);
  };
  // Made with the first version: a look alone leaves no trace.
  for (const name of existsSync(dir) ? readdirSync(dir).sort() : []) {
    const version = versionIn(name);
    const stat = statSync(join(dir, name));
    if (version === null || Date.now() - stat.mtimeMs > keepMs) rmSync(join(dir, name), { force: true });
    else {
      files.set(version, [...(files.get(version) ?? []), name]);
      sizes.set(name, stat.size);
      total += stat.size;
    }
  }
  const read = (name: string): string => {
    const known = texts.get(name);
    if (known !== undefined) return known;
    const text = decode(readFileSync(join(dir, name)));
    texts.set(name, text);
    return text;
  };
  return {
    get: (version) => (files.get(version) ?? []).map(read),
    put(text) {
      const version = versionOf(text);
      if (version === null) return;
      const names = files.get(version) ?? [];
      if (names.some((name) => read(name) === text)) return;
      if (names.length >= MOST_TEXTS) for (const name of names.splice(1, 1)) forget(name);
      const last = Number(/\.(\d+)\.md$/.exec(names.at(-1) ?? '')?.[1] ?? -1);
      const name = `${fileName(version)}.${String(last + 1).padStart(4, '0')}.md`;
      const bytes = encode(text);
      mkdirSync(dir, { recursive: true });
      writeFileSync(join(dir, name), bytes, { mode: 0o600 });
      names.push(name);
      files.set(version, names);
      texts.set(name, text);
      sizes.set(name, bytes.length);
      total += bytes.length;
      for (const [oldest, of] of files) {
        if (sizes.size <= MOST_FILES && total <= MOST_BYTES) break;
        if (oldest === version) break;
        of.forEach(forget);
        files.delete(oldest);
      }
    },
  };
}

/** `2026-11-22 14:03:11 <!-- 2.3 -->` ↔ `2026-11-22T14-03-11.000002-003` */
function fileName(version: string): string {
  const [, day, time, count = '1', revision = '0'] = /^(\S+) (\S+?)(?: <!-- (\d+)(?:\.(\d+))? -->)?$/.exec(version) ?? [];
  return `${day}T${time?.replaceAll(':', '-')}.${count.padStart(6, '0')}-${revision.padStart(3, '0')}`;
}

function versionIn(name: string): string | null {
  const found = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)\.(\d+)-(\d+)\.\d+\.md$/.exec(name);
  if (found === null) return null;
  const [, day, hour, minute, second, count, revision] = found;
  const time = `${day} ${hour}:${minute}:${second}`;
  if (Number(revision) > 0) return `${time} <!-- ${Number(count)}.${Number(revision)} -->`;
  return Number(count) === 1 ? time : `${time} <!-- ${Number(count)} -->`;
}
