import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { configJsonSchema } from './json-schema.ts';

test('the published schema is the one that the program checks by (else: node scripts/write-schema.ts)', () => {
  const published = readFileSync(join(import.meta.dirname, '../../../schema/tac8.schema.json'), 'utf8');
  expect(published).toBe(configJsonSchema());
});

test('it takes what the program takes and refuses unknown names and units that are missing', () => {
  const check = new Ajv({ strict: false }).compile(JSON.parse(configJsonSchema()));
  expect(check({})).toBe(true);
  expect(check({ poll_interval: '30s', limits: { tokens: '25M', turns: 3 }, routes: [{ when: { priority: 0 }, model: 'opus' }] })).toBe(
    true,
  );
  for (const wrong of [
    { poll_interval: 30 },
    { poll: '30s' },
    { limits: { log: '2' } },
    { agent: { kind: 'hal' } },
    { routes: [{ model: 'x' }] },
  ]) {
    expect(check(wrong)).toBe(false);
  }
});
