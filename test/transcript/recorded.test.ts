import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LEAST } from '../../src/agents/at-first.ts';
import { kindCalled } from '../../src/agents/kinds.ts';
import { EMPTY_STREAM } from '../../src/core/model/run.ts';
import { classify } from '../../src/core/settle/classify.ts';
import { createFollow } from '../../src/transcript/facts/follow-facts.ts';
import { OUTCOMES } from '../fixtures/agents/outcomes.ts';

const folder = join(import.meta.dirname, '../fixtures/agents');
const samples = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
const NOW = Date.parse('2026-11-23T00:00:00Z');

/** By the beginning of the sample's name. */
const agentOf = (sample: string): string => /^[a-z]+/.exec(sample)?.[0] ?? '';

describe('recorded logs', () => {
  test('each one has its outcome in the table', () => {
    const known = samples.filter((name) => kindCalled(agentOf(name)) !== null).map((name) => name.replace('.jsonl', ''));
    expect(OUTCOMES.map(({ sample }) => sample).sort()).toEqual(known.sort());
  });

  test.each(OUTCOMES)('$sample ends as $outcome', async ({ sample, exit, outcome, resumable, until }) => {
    const stream = await createFollow()(join(folder, `${sample}.jsonl`), EMPTY_STREAM, NOW);
    const inspection = { head: 'a'.repeat(40), commits: 1, dirty: false, question: null };
    const evidence = {
      cause: null,
      stream,
      inspection,
      can: kindCalled(agentOf(sample))?.can ?? LEAST,
      rebooted: false,
      failedStart: null,
    } as const;
    const seen = classify({ ...evidence, exit: { code: exit, at: NOW } }, NOW);
    if (seen.kind !== 'failed') return expect(seen.kind).toBe(outcome);
    expect([seen.failure.type, seen.resumable, seen.failure.until]).toEqual([outcome, resumable, until]);
    expect(seen.failure.message).not.toBe('');
  });
});
