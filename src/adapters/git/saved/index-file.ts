/** What git's index file tells without a process, as far as a snapshot wants to know it. */
export interface IndexFacts {
  /** The folders of all tracked files, each once; names are bytes as latin1. */
  readonly folders: readonly string[];
  /** Every entry is a file's, in one version, that git is to look at: no submodule, no conflict, none assumed unchanged or left out. */
  readonly isPlain: boolean;
  /** The latest time of change of an entry, in seconds: git believes an entry only if the index is younger. */
  readonly newest: number;
  /** The tree that git found its entries to be, and the number of files in it; null: something of it has changed since. */
  readonly tree: { readonly id: string; readonly files: number } | null;
  readonly files: number;
}

const [MTIME, MODE] = [8, 24];
const STAT_BYTES = 40;
const [ASSUMED, EXTENDED, STAGE, LENGTH] = [0x8000, 0x4000, 0x3000, 0x0fff];
const SKIPPED = 0x4000;
const [KIND, LINK, FILE] = [0xf000, 0xa000, 0x8000];

/** No name of a file is longer; those of version 4 are told by what differs from the name before, so that a short index can hold endless ones. */
const LONGEST_NAME = 4096;
/** Of all folders' names together: more than any repository has. */
const MOST_FOLDERS = 64 * 1024 * 1024;

/** Null: not an index, or of a form (split, sparse, of a later git) or of a size that only git itself reads. */
export function readIndexFile(bytes: Buffer): IndexFacts | null {
  return scan(bytes, 20) ?? scan(bytes, 32);
}

function scan(bytes: Buffer, hash: 20 | 32): IndexFacts | null {
  try {
    return scanEntries(bytes, hash);
  } catch (error) {
    // Shorter than it says.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function scanEntries(bytes: Buffer, hash: 20 | 32): IndexFacts | null {
  const version = bytes.readUInt32BE(4);
  if (bytes.toString('latin1', 0, 4) !== 'DIRC' || version < 2 || version > 4) return null;
  const folders: Folders = { names: new Set(), left: MOST_FOLDERS };
  const files = bytes.readUInt32BE(8);
  let [at, isPlain, newest, folder, name] = [12, true, 0, '', ''];
  for (let left = files; left > 0; left -= 1) {
    const flags = bytes.readUInt16BE(at + STAT_BYTES + hash);
    const isExtended = version > 2 && (flags & EXTENDED) !== 0;
    const kind = bytes.readUInt32BE(at + MODE) & KIND;
    const start = at + STAT_BYTES + hash + (isExtended ? 4 : 2);
    newest = Math.max(newest, bytes.readUInt32BE(at + MTIME));
    if ((flags & (ASSUMED | STAGE)) !== 0 || (kind !== FILE && kind !== LINK)) isPlain = false;
    if (isExtended && (bytes.readUInt16BE(start - 2) & SKIPPED) !== 0) isPlain = false;
    const from = version === 4 ? afterNumber(bytes, start) : start;
    const end = bytes.indexOf(0, from);
    if (end < from || end - from > LONGEST_NAME || folders.left < 0) return null;
    if (version === 4) {
      name = name.slice(0, Math.max(0, name.length - numberAt(bytes, start))) + bytes.toString('latin1', from, end);
      if (name.length > LONGEST_NAME) return null;
      at = end + 1;
      folder = noteFolder(folders, folder, name);
      continue;
    }
    const length = flags & LENGTH;
    if (length < LENGTH && end - from !== length) return null;
    // Ended by one to eight zeros.
    at += (start - at + (end - from) + 8) & ~7;
    if (!isIn(bytes, from, end, folder)) folder = noteFolder(folders, folder, bytes.toString('latin1', from, end));
  }
  if (!isKnownEnd(bytes, at, bytes.length - hash)) return null;
  return { folders: [...folders.names], isPlain, newest, tree: treeIn(bytes, at, bytes.length - hash, hash), files };
}

interface Folders {
  readonly names: Set<string>;
  left: number;
}

/** Is the name between these places one of a file right in the folder? */
function isIn(bytes: Buffer, from: number, end: number, folder: string): boolean {
  if (bytes.lastIndexOf(0x2f, end - 1) !== from + folder.length || folder === '') return false;
  return bytes.toString('latin1', from, from + folder.length) === folder;
}

/** Notes the folder of a name and those above; answers it. */
function noteFolder(folders: Folders, before: string, name: string): string {
  const folder = name.slice(0, Math.max(0, name.lastIndexOf('/')));
  if (folder === before) return before;
  for (let above = folder; above !== '' && !folders.names.has(above); above = above.slice(0, Math.max(0, above.lastIndexOf('/')))) {
    folders.names.add(above);
    folders.left -= above.length;
  }
  return folder;
}

/** How much of the name before is not taken over, as version 4 writes it: seven bits in each byte, the last without the eighth. */
function numberAt(bytes: Buffer, at: number): number {
  let byte = bytes.readUInt8(at);
  let number = byte & 0x7f;
  for (let next = at + 1; (byte & 0x80) !== 0; next += 1) {
    byte = bytes.readUInt8(next);
    number = (number + 1) * 128 + (byte & 0x7f);
  }
  return number;
}

function afterNumber(bytes: Buffer, at: number): number {
  let end = at;
  while ((bytes.readUInt8(end) & 0x80) !== 0) end += 1;
  return end + 1;
}

/** Nothing but extensions that may be passed over: their names begin with a capital. */
function isKnownEnd(bytes: Buffer, from: number, end: number): boolean {
  let at = from;
  while (at < end) {
    const first = bytes.readUInt8(at);
    if (first < 0x41 || first > 0x5a) return false;
    at += 8 + bytes.readUInt32BE(at + 4);
  }
  return at === end;
}

/** The root of the extension that keeps trees: an empty name, the number of files, that of folders, and an id unless the number is -1. */
function treeIn(bytes: Buffer, from: number, end: number, hash: 20 | 32): IndexFacts['tree'] {
  for (let at = from; at < end; at += 8 + bytes.readUInt32BE(at + 4)) {
    if (bytes.toString('latin1', at, at + 4) !== 'TREE') continue;
    const line = bytes.indexOf(0x0a, at);
    const [, files] = /^\0(\d+) \d+$/.exec(bytes.toString('latin1', at + 8, line)) ?? [];
    return files === undefined ? null : { id: bytes.toString('hex', line + 1, line + 1 + hash), files: Number(files) };
  }
  return null;
}
