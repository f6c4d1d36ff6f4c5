import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { apiWorld, RUN } from '../../../test/support/world/api-world.ts';
import { failed, running } from '../../../test/support/world/world.ts';
import { ROUTES } from '../../api/openapi/routes.ts';
import type { Task } from '../../core/model/task.ts';

/** As GitHub makes them. */
const KEY = `ghp_${'A1b2C3d4E5'.repeat(4).slice(0, 36)}`;

const LINES = [
  ...[
    { type: 'text', text: `the key is ${KEY}` },
    // Cut where the key stands.
    { type: 'text', text: `${'x'.repeat(3_980)} ${KEY} ${'y'.repeat(100)}` },
    { type: 'tool_use', id: 't', name: 'Bash', input: { command: `KEY=${KEY} npm test`, deep: { list: [KEY] } } },
  ].map((one) => ({ type: 'assistant', message: { id: 'm', content: [one] } })),
  { type: 'user', message: { content: [{ type: 'tool_result', tool_use_id: 't', is_error: true, content: `failed with ${KEY}` }] } },
  { type: 'user', message: { content: `told ${'z'.repeat(170)} ${KEY}` } },
  `no JSON: ${KEY}`,
].map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`);

test('no key that an agent has said reaches a page, wherever in its words it stands, nor half of one', async () => {
  const at = '2027-01-15T08:00:00.000Z';
  const { ask, logs, store } = await apiWorld({
    why: async (task) => ({ at, task, state: 'failed', sentence: `failed: ${KEY}`, since: null, gates: [], next: KEY, history: [] }),
  });
  const message = `the agent said ${KEY}`;
  const [blocked, fallen] = [failed('gh-8'), failed('gh-9')];
  const run = running('w-00000b', 'gh-9');
  store.commit({
    tasks: [
      { next: { ...blocked, state: 'blocked', question: message } as Task, expected: null },
      { next: { ...fallen, failure: { type: 'agent_error', message, at: 1 } } as Task, expected: null },
    ],
    runs: [{ next: { ...run, problem: { step: 'push', message, at: 1, retryAt: 2 } } as unknown as typeof run, expected: null }],
    history: [{ at: 1, task: 'gh-9', run: run.id, event: 'failed', detail: message }],
  });
  writeFileSync(join(logs, `gh-1.${RUN}.jsonl`), LINES.join(''));
  writeFileSync(join(logs, `gh-9.${run.id}.jsonl`), LINES.join(''));
  const asked: readonly string[] = [
    ...ROUTES.filter(
      ({ method, stream, path, answer }) => method === 'get' && stream !== true && answer !== null && !/diff|requests/.test(path),
    ).map(
      ({ path }) => `${path.replace('{task}', 'gh-1')}${/step$/.test(path) ? '?offset=0' : /hits|search/.test(path) ? '?text=key' : ''}`,
    ),
    ...['transcript?after=0&errors=1', 'transcript/hits?text=npm', `transcript/hits?text=${KEY.slice(0, 8)}`].map(
      (one) => `/tasks/gh-1/${one}`,
    ),
    ...['', '/runs', '/transcript/outline'].map((one) => `/tasks/gh-9${one}`),
    '/tasks/gh-8',
  ];
  expect(asked.length).toBeGreaterThan(20);
  for (const path of asked) {
    const { status, body } = await ask(`/api/v1${path}`);
    expect([path, status, body.includes('ghp_')], body).toEqual([path, 200, false]);
  }
  expect((await ask('/api/v1/tasks/gh-8')).body).toContain('the agent said [redacted]');
  const hits = JSON.parse((await ask('/api/v1/tasks/gh-1/transcript/hits?text=npm')).body).hits as {
    line: string;
    start: number;
    length: number;
  }[];
  expect(hits.map(({ line, start, length }) => line.slice(start, start + length))).toEqual(['npm']);
});
