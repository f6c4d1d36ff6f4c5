import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { status } from '../state.ts';
import { openApi } from './openapi.ts';
import { ROUTES } from './routes.ts';

const ROOT = join(import.meta.dirname, '../../..');

test('schema/openapi.json is written from the contract (else: node scripts/write-schema.ts)', () => {
  expect(JSON.parse(readFileSync(join(ROOT, 'schema/openapi.json'), 'utf8'))).toEqual(JSON.parse(JSON.stringify(openApi())));
});

test('docs/api.md names every address, and no other', () => {
  const page = readFileSync(join(ROOT, 'docs/api.md'), 'utf8');
  const told = [...page.matchAll(/^\| (`\/[^|]+) \|/gm)].flatMap(([, cell = '']) => {
    const names = cell.match(/(?<=`)\/[^`]+/g) ?? [];
    // `/tasks/ID/stop`, `/kill`: what follows is beside the first.
    const beside = (names[0] ?? '').replace(/\/[^/]+$/, '');
    return names.map((name, n) => (n === 0 || name.startsWith('/tasks') ? name : `${beside}${name}`));
  });
  const there = ROUTES.map(({ path }) => path.replace('{task}', 'ID').replace('{id}', 'N'));
  expect([...new Set(told)].sort()).toEqual([...new Set(there)].sort());
});

/** The same shape, however a schema writes that something may be null. */
function plain(node: unknown): unknown {
  if (typeof node !== 'object' || node === null) return node;
  if (Array.isArray(node)) return node.map(plain);
  const {
    $schema: _,
    title: __,
    readOnly: ___,
    propertyNames: ____,
    pattern,
    minimum,
    maximum,
    anyOf,
    description,
    ...rest
  } = node as Record<string, unknown>;
  if (Array.isArray(anyOf)) {
    const one = plain(anyOf.find(({ type }) => type !== 'null')) as Record<string, unknown>;
    const isEnum = Array.isArray(one.enum) ? { enum: [...one.enum, null] } : {};
    return { ...one, ...isEnum, type: [one.type, 'null'].flat() };
  }
  const kept = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, plain(value)]));
  return Array.isArray(kept.enum) && kept.type === undefined ? { type: 'string', ...kept } : kept;
}

test('what `status --json` is held to is the contract’s status', () => {
  const published = JSON.parse(readFileSync(join(ROOT, 'schema/status.schema.json'), 'utf8')) as unknown;
  expect(plain(z.toJSONSchema(status))).toEqual(plain(published));
});
