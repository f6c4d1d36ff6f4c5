import { existsSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Gemini names the file of a conversation after the minute in which it was opened. One that is taken up in the minute of its beginning is written
 * over by that, and found empty (seen with 0.61.0): its file is moved to another minute first. It is found by what it holds.
 */
export function keepApart(home: string, session: string): void {
  for (const folder of chatFolders(join(home, '.gemini', 'tmp')))
    for (const name of namesIn(folder)) {
      const [, rest] = /^session-\d{4}-\d\d-\d\dT\d\d-\d\d(-\w{8}\.jsonl?)$/.exec(name) ?? [];
      if (rest?.startsWith(`-${session.slice(0, 8)}.`) !== true) continue;
      const free = MINUTES.map((minute) => join(folder, `session-2000-01-01T00-${minute}${rest}`)).find((path) => !existsSync(path));
      if (free !== undefined && !name.startsWith('session-2000-01-01T')) rename(join(folder, name), free);
    }
}

const MINUTES = Array.from({ length: 60 }, (_, minute) => String(minute).padStart(2, '0'));

const chatFolders = (root: string): readonly string[] => namesIn(root).map((name) => join(root, name, 'chats'));

/** The agent writes the folder: each name in it is another look. */
const MOST_NAMES = 1_000;

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).slice(0, MOST_NAMES);
  } catch {
    return [];
  }
}

function rename(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch {
    // It stays where it is, and is read there in any other minute.
  }
}
