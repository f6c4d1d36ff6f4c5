import { ownCopy } from '../../../core/board/text/own-copy.ts';
import { versionOf } from '../../../core/board/text/version.ts';
import { openVersionFiles, type VersionFile } from './version-files.ts';

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
/** So many texts stay in memory: the one that was written last may have been saved anew. */
const RECENT = 1;

interface Known {
  readonly file: VersionFile;
  /** Of the text; null until it is asked for. */
  length: number | null;
}

/**
 * Keeps versions in `dir` (private, made on the first write), and in memory their names alone. Written without fsync: what a crash loses here
 * makes an old editor's save be asked about instead of being understood.
 */
export function openVersions(dir: string, keepMs: number): VersionStore {
  const files = openVersionFiles(dir);
  const all = new Map<string, Known[]>();
  let [count, total] = [0, 0];
  /** The one that is put again and again. */
  let newest: string | null = null;

  const add = (known: Known): void => {
    const { version, size } = known.file;
    const among = all.get(version);
    if (among === undefined) all.set(version, [known]);
    else among.push(known);
    count += 1;
    total += size;
  };
  const forget = ({ file }: Known): void => {
    files.remove(file);
    count -= 1;
    total -= file.size;
  };
  /** The newest texts: they are in use elsewhere, too, and the ones that are asked for. */
  const recent: { readonly of: Known; readonly text: string }[] = [];
  const note = (of: Known, text: string): void => {
    recent.unshift({ of, text });
    recent.length = Math.min(recent.length, RECENT);
  };
  const isText = (known: Known, text: string): boolean => {
    if (known.length !== null && known.length !== text.length) return false;
    const read = recent.find(({ of }) => of === known)?.text ?? files.read(known.file) ?? '';
    known.length = read.length;
    return read === text;
  };
  for (const file of files.found) {
    if (Date.now() - file.writtenAt > keepMs) files.remove(file);
    else add({ file, length: null });
  }
  return {
    get: (version) => (all.get(version) ?? []).flatMap(({ file }) => files.read(file) ?? []),
    put(text) {
      if (text === newest) return;
      const found = versionOf(text);
      if (found === null) return;
      const version = ownCopy(found);
      const among = all.get(version) ?? [];
      if (!among.some((known) => isText(known, text))) {
        if (among.length >= MOST_TEXTS) for (const known of among.splice(1, 1)) forget(known);
        const last = Number(/\.(\d+)\.\w+$/.exec(among.at(-1)?.file.name ?? '')?.[1] ?? -1);
        const known = { file: files.write(version, last + 1, text), length: text.length };
        add(known);
        note(known, text);
      }
      newest = text;
      for (const [oldest, of] of all) {
        if ((count <= MOST_FILES && total <= MOST_BYTES) || oldest === version) break;
        of.forEach(forget);
        all.delete(oldest);
      }
    },
  };
}
