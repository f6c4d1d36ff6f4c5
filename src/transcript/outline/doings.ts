import type { EventOf } from '../../agents/words/events.ts';
import { list, object, string } from '../../agents/words/fields.ts';
import { TESTS } from '../facts/test-command.ts';

/** What a call does that a reader looks for later: it changes files, or runs tests. Null: neither. */
export type Doing = { readonly kind: 'edit'; readonly path: string } | { readonly kind: 'test'; readonly command: string };

/** A command that is longer is read no further. */
const MOST = 20_000;
const SHOWN = 200;

/** By what each kind of agent calls its tools and their parameters. */
export function doingOf({ name, input }: Pick<EventOf<'tool_start'>, 'name' | 'input'>): Doing | null {
  const given = object(input);
  if (given === null) return null;
  const command = string(given.command) ?? string(given.cmd);
  if (command !== null) return command.slice(0, MOST).search(TESTS) !== -1 ? { kind: 'test', command: command.slice(0, SHOWN) } : null;
  const path = string(given.file_path) ?? string(given.path) ?? string(given.notebook_path);
  const writes = ['old_string', 'oldText', 'new_source', 'content'].some((key) => string(given[key]) !== null);
  const changes = writes || list(given.edits).length > 0 || list(given.changes).length > 0;
  return path !== null && changes && !/read|view|fetch/i.test(name) ? { kind: 'edit', path: path.slice(0, SHOWN) } : null;
}
