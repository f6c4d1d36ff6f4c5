import type { EventOf } from '../../agents/words/events.ts';
import { object, string } from '../../agents/words/fields.ts';
import type { Proof } from '../../core/agent/proof.ts';
import { oneLine } from './activity.ts';
import { TESTS } from './test-command.ts';

/*
 * Whether the agent ran tests after it last changed something, by its own tool calls. Nothing is proved by it where a program changes files in a
 * way that its command does not show; so it is told as what was seen, never as more.
 */

const EDITS: ReadonlySet<string> = new Set([
  'edit',
  'multiedit',
  'write',
  'notebookedit',
  'apply_patch',
  'create_file',
  'str_replace_editor',
]);

/** Commands that change files of the tree. */
const CHANGES =
  /\b(?:sed -[a-z]*i|perl -p?i|tee |patch |mv |cp |rm |git (?:apply|am|checkout|switch|restore|reset|merge|rebase|revert|cherry-pick|stash|rm|mv)\b|(?:prettier|biome|eslint|ruff|black|gofmt|rustfmt|cargo fmt)\b[^\n;&|]{0,80}(?:--write|--fix|-w\b|fmt\b))/g;
/** A file that is written by the shell itself; not `2>&1`, not `/dev/null`. */
const WRITES = /(?:^|[^\d&>])>{1,2} ?(?!&|\/dev\/)[^\s;&|<>]/g;
const LONGEST = 20_000;
const WORDS = 120;

const lastOf = (text: string, pattern: RegExp): number => Math.max(-1, ...[...text.matchAll(pattern)].map(({ index }) => index));
/** What comes behind the tests hides how they ended. */
const HIDES = /\||;|\n/;

const commandOf = (input: unknown): string | null => {
  const fields = object(input);
  const command = string(fields?.command) ?? string(fields?.cmd);
  return command === null || command === undefined ? null : command.slice(0, LONGEST);
};

/** A call begins: an edit makes older tests stale, tests are waited for. */
export function beginProof(before: Proof | undefined, { id, name, input }: EventOf<'tool_start'>): Proof | undefined {
  const { edits = 0, waiting = [], ...rest } = before ?? {};
  const command = commandOf(input);
  if (command === null) return EDITS.has(name.toLowerCase()) ? { ...rest, waiting, edits: edits + 1 } : before;
  const tested = lastOf(command, TESTS);
  const changed = Math.max(lastOf(command, CHANGES), tested === -1 ? lastOf(command, WRITES) : -1);
  const next = changed === -1 ? edits : edits + 1;
  if (tested === -1) return changed === -1 ? before : { ...rest, waiting, edits: next };
  // What runs beside the conversation has ended nobody knows when.
  if (id === '' || object(input)?.run_in_background === true) return { ...rest, waiting, edits: next };
  const own = { id, command: oneLine(command, WORDS), edits: changed > tested ? edits : next, isPlain: !HIDES.test(command.slice(tested)) };
  return { ...rest, edits: next, waiting: [...waiting, own].slice(-10) };
}

/** A call ends: if it ran tests, they are the newest there are. */
export function endProof(before: Proof | undefined, { id, ok }: EventOf<'tool_end'>): Proof | undefined {
  const own = before?.waiting?.find((one) => one.id === id);
  if (before === undefined || own === undefined) return before;
  const waiting = (before.waiting ?? []).filter((one) => one !== own);
  return { ...before, waiting, tests: { command: own.command, edits: own.edits, ok: own.isPlain || !ok ? ok : null } };
}
