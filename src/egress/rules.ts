import { readFileSync, statSync } from 'node:fs';

/** What workers may reach, in a file that the daemon replaces; read again when it has changed, so that a word of a person counts at once. */
export interface Lists {
  /** `host`, `host:port`, `*.host`, for all workers. */
  readonly hosts: readonly string[];
  /** The same, and may be an address of this machine or its network. */
  readonly private: readonly string[];
  /** What a person let single tasks reach. */
  readonly tasks: Readonly<Record<string, readonly string[]>>;
}

export const NOTHING: Lists = { hosts: [], private: [], tasks: {} };

/** Reads on a change of the file alone. One that cannot be read lets nobody out. */
export function createLists(path: string): () => Lists {
  let seen = '';
  let lists = NOTHING;
  return () => {
    const stat = statSync(path, { throwIfNoEntry: false });
    const now = stat === undefined ? '' : `${stat.ino} ${stat.size} ${stat.mtimeMs}`;
    if (now !== seen) {
      lists = read(path);
      seen = now;
    }
    return lists;
  };
}

function read(path: string): Lists {
  try {
    const { hosts = [], private: inner = [], tasks = {} } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Lists>;
    return { hosts, private: inner, tasks };
  } catch {
    return NOTHING; // gone, or not written to its end: asked again at the next change
  }
}
