import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hintFor, hintOf, hintTable } from '../../../src/core/advice/hints.ts';
import { FAILURE_TYPES } from '../../../src/core/model/failure.ts';

/** What a hint names is there: a person who does what it says meets no unknown command, flag or setting. */

const read = (path: string): unknown => JSON.parse(readFileSync(join(import.meta.dirname, '../../..', path), 'utf8')) as unknown;

interface Command {
  readonly name: string;
  readonly options: readonly { readonly long: string | null }[];
  readonly commands?: readonly Command[];
}
const commands = (read('shell/commands.json') as Command).commands ?? [];
const settings = read('schema/tac8.schema.json');

/** Whether a setting of this name is in the schema, however the levels are written there. */
function hasSetting(path: string): boolean {
  const find = (node: unknown, names: readonly string[]): boolean => {
    if (node === null || typeof node !== 'object') return false;
    const [name = '', ...rest] = names;
    const properties = (node as { properties?: Record<string, unknown> }).properties ?? {};
    if (name in properties && (rest.length === 0 || find(properties[name], rest))) return true;
    return Object.entries(node).some(([key, part]) => key !== 'properties' && find(part, names));
  };
  return find(settings, path.split('.'));
}

const hints = FAILURE_TYPES.flatMap((type) =>
  Object.keys(hintTable[type]).flatMap((cause) =>
    [true, false].flatMap((failed) =>
      [{}, { afresh: true } as const].map((more) => ({ name: `${type}: ${cause}`, text: hintOf({ type, cause, ...more }, { failed }) })),
    ),
  ),
);

/** What it names that is not there. */
function missing(text: string): readonly string[] {
  const bad: string[] = [];
  for (const [whole, name = '', rest = ''] of text.matchAll(/`tac8 ([a-z]+)([^`]*)`/g)) {
    const command = commands.find((one) => one.name === name);
    const known = new Set(command?.options.map(({ long }) => long));
    if (command === undefined || [...rest.matchAll(/--[a-z-]+/g)].some(([flag]) => !known.has(flag))) bad.push(whole);
  }
  for (const [path] of text.matchAll(/\b(?:limits|pulls|worktrees|agent|github|stop|http)\.[a-z_]+/g))
    if (!hasSetting(path)) bad.push(path);
  return bad;
}

describe('a hint', () => {
  test.each(hints)('$name: names what is there', ({ text }) => {
    expect(text.length).toBeGreaterThan(20);
    expect(text.endsWith('.')).toBe(true);
    expect(missing(text)).toEqual([]);
  });

  test('that names what is not there is found', () => {
    expect(missing('try `tac8 redo N`, `tac8 retry N --again`, limits.patience and limits.silence')).toEqual([
      '`tac8 redo N`',
      '`tac8 retry N --again`',
      'limits.patience',
    ]);
  });

  test('speaks of the task at hand, and of a conversation only where there is one', () => {
    const failure = { type: 'crash', cause: 'gone' } as const;
    expect(hintOf(failure, { task: 'gh-12' })).toContain('`tac8 view 12`');
    expect(hintOf(failure, { task: 'local-3' })).toContain('`tac8 retry local-3 --continue`');
    expect(hintOf({ ...failure, afresh: true }, { task: 'gh-12' })).not.toContain('--continue');
    expect(hintOf({ type: 'startup_error', cause: 'silent' }, { task: 'local-3' })).toContain('logs/local-3.*.stderr.log');
  });

  test.each(FAILURE_TYPES)('for %s in general is that of no one cause among several', (type) => {
    const causes = Object.keys(hintTable[type]);
    if (causes.length > 1) expect(causes[0]).toBe('any');
    for (const words of [hintFor(type), hintOf({ type })])
      expect(words).toBe(hintTable[type].any?.text ?? hintTable[type][causes[0] ?? '']?.text);
  });

  test('of a cause that this version does not know is that of its type', () => {
    expect(hintOf({ type: 'stalled', cause: 'of tomorrow' })).toBe(hintOf({ type: 'stalled' }));
  });
});
