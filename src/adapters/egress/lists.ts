import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What workers may reach, as the proxy reads it. */
export interface Lists {
  readonly hosts: readonly string[];
  readonly private: readonly string[];
  readonly tasks: Readonly<Record<string, readonly string[]>>;
}

export function readLists(dir: string): Lists {
  try {
    const { hosts = [], private: inner = [], tasks = {} } = JSON.parse(readFileSync(join(dir, 'lists.json'), 'utf8')) as Partial<Lists>;
    return { hosts, private: inner, tasks };
  } catch {
    return { hosts: [], private: [], tasks: {} }; // none was written yet
  }
}
