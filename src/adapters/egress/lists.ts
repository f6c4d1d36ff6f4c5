import { join } from 'node:path';
import { readPlainSync } from '../../files/open-plain.ts';

/** What workers may reach, as the proxy reads it. */
export interface Lists {
  readonly hosts: readonly string[];
  readonly private: readonly string[];
  readonly tasks: Readonly<Record<string, readonly string[]>>;
}

const MOST = 16 * 1024 * 1024;

export function readLists(dir: string): Lists {
  try {
    const { hosts = [], private: inner = [], tasks = {} } = JSON.parse(readPlainSync(join(dir, 'lists.json'), MOST)) as Partial<Lists>;
    return { hosts, private: inner, tasks };
  } catch {
    return { hosts: [], private: [], tasks: {} }; // none was written yet
  }
}
