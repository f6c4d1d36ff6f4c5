import { type FSWatcher, mkdirSync, renameSync, statSync, watch } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type KeptText, keptText, openShelf } from '../../../core/board/text/shelf.ts';
import { messageOf } from '../../../core/words/message-of.ts';
import { codeOf, discard, fault, type Patience, readNow, readWhole } from './file.ts';

/*
 * A file that was exchanged out may still be open in somebody's editor, who writes on into it. So it is kept under another name and
 * watched for a while; what is written there late is brought into the board. After a crash what lies here is looked at once.
 */

interface Displaced {
  readonly path: string;
  /** What is known to be in it, and in the board. On a busy day dozens are watched at once: most are kept as what differs from another one. */
  text: KeptText;
  mtimeNs: bigint;
  size: bigint;
  /** By the clock that nobody sets. */
  readonly until: number;
  /** What went wrong at the last look; said once. */
  fault: string;
}

export interface DisplacedFiles {
  /** Takes over a file that was exchanged out and holds this text. */
  add(path: string, text: string): Promise<void>;
  /** Looks at each file once, now. Answers when the late words are in the board. */
  check(): Promise<void>;
  /** Files that an earlier process left: path and text. */
  leftovers(): Promise<readonly { readonly path: string; readonly text: string }[]>;
  /** A last look, then nothing is watched any more. */
  close(): Promise<void>;
}

export interface DisplacedOptions {
  readonly dir: string;
  readonly watchMs: number;
  readonly patience: Patience;
  /** Called with what the file held and what it holds now. False: not now, the words have to be brought again. */
  readonly late: (before: string, after: string) => Promise<boolean>;
  /** Called with words that nothing came of until the end. */
  readonly leave: (text: string) => Promise<void>;
  readonly failed: (error: unknown) => void;
}

/** How often each file is looked at beside what the file system tells, and where it tells nothing. */
const LOOK_BESIDE_MS = 1_000;
const LOOK_ALONE_MS = 250;

export function watchDisplaced(options: DisplacedOptions): DisplacedFiles {
  const { dir, watchMs, patience, late, leave, failed } = options;
  const files = new Map<string, Displaced>();
  const shelf = openShelf();
  let watcher: FSWatcher | null = null;
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();
  let count = 0;
  let closed = false;

  const check = (): Promise<void> => {
    running = running.then(async () => {
      for (const file of [...files.values()]) await look(file);
      if (files.size === 0) stop();
    });
    return running;
  };
  const look = async (file: Displaced): Promise<void> => {
    try {
      // Again and again: a call that waits for a thread costs ten times as much.
      const now = statSync(file.path, { bigint: true });
      const isTaken = (now.mtimeNs === file.mtimeNs && now.size === file.size) || (await take(file));
      file.fault = '';
      // Whoever has it open still may write on into it, however long that takes.
      if (!isTaken || performance.now() < file.until || (await patience.isBeingWritten(file.path))) return;
      files.delete(file.path);
      await discard(file.path);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') files.delete(file.path);
      // The words are brought at a later look: a full disk passes.
      else if (file.fault !== messageOf(error)) {
        file.fault = messageOf(error);
        failed(error);
      }
    }
  };
  /** False: there are words in it that have to be brought at a later look. */
  const take = async (file: Displaced): Promise<boolean> => {
    const before = keptText(file.text);
    const seen = await readWhole(file.path, patience, before);
    if (seen === null) return true;
    // A truncated file is a save in its first half: wait for the rest.
    if (seen.text.trim() === '' && before.trim() !== '') return performance.now() >= file.until;
    if (seen.text !== before && !(await late(before, seen.text))) return false;
    file.text = { whole: seen.text };
    file.mtimeNs = seen.stat.mtimeNs;
    file.size = seen.stat.size;
    return true;
  };
  /** What nobody can write on into goes away; anything else lies there for the next start. */
  const letGo = async (file: Displaced): Promise<void> => {
    try {
      const seen = await readNow(file.path);
      if (seen !== null && seen.text.trim() !== '' && seen.text !== keptText(file.text)) await leave(seen.text);
      else if (await patience.isBeingWritten(file.path)) return;
      await discard(file.path);
    } catch (error) {
      failed(error);
    }
  };
  const wake = () => {
    check().catch(failed);
  };
  const start = () => {
    if (closed || timer !== null) return;
    let every = LOOK_BESIDE_MS;
    try {
      watcher = watch(dir, { persistent: false }, wake);
      watcher.on('error', () => watcher?.close());
    } catch (error) {
      // No file events here (too many watches, a network share): the timer has to be quick enough alone.
      every = LOOK_ALONE_MS;
      failed(fault(error, dir, 'watch'));
    }
    timer = setInterval(wake, every);
    timer.unref();
  };
  const stop = () => {
    if (timer !== null) clearInterval(timer);
    timer = null;
    watcher?.close();
    watcher = null;
  };

  return {
    async add(path, text) {
      count += 1;
      mkdirSync(dir, { recursive: true });
      let home = join(dir, `${process.pid}-${Date.now()}-${count}.md`);
      try {
        renameSync(path, home);
      } catch (error) {
        if (codeOf(error) !== 'EXDEV') throw fault(error, path, 'move');
        home = path;
      }
      const now = statSync(home, { bigint: true });
      const kept = shelf.keep(text, files.size);
      const fresh = { path: home, text: kept, mtimeNs: now.mtimeNs, size: now.size, until: performance.now() + watchMs, fault: '' };
      files.set(home, fresh);
      start();
      // Written between the exchange and now?
      const seen = await readNow(home);
      if (seen !== null && seen.text !== text) fresh.mtimeNs = -1n;
    },
    check,
    async leftovers() {
      await mkdir(dir, { recursive: true });
      const found: { path: string; text: string }[] = [];
      for (const name of await readdir(dir)) {
        const path = join(dir, name);
        if (files.has(path)) continue;
        const seen = await readNow(path);
        if (seen !== null) found.push({ path, text: seen.text });
      }
      return found;
    },
    async close() {
      closed = true;
      stop();
      await check();
      for (const file of files.values()) await letGo(file);
      files.clear();
      stop();
    },
  };
}
