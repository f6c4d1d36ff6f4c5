import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RUN, apiWorld as world } from '../../../test/support/world/api-world.ts';
import { outline, transcriptPage } from '../../api/transcript.ts';

const PNG = Buffer.alloc(64);
Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]).copy(PNG);
PNG.writeUInt32BE(3, 16);
PNG.writeUInt32BE(2, 20);
const SCRIPT = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>');

const line = (data: string, id = 'a') =>
  JSON.stringify({
    type: 'user',
    message: {
      content: [
        { type: 'tool_result', tool_use_id: id, is_error: true, content: [{ type: 'image', source: { media_type: 'image/png', data } }] },
      ],
    },
  });

test('a picture in a result comes as what its bytes are, and nothing else comes', async () => {
  const { ask, logs } = await world();
  const lines = [line(PNG.toString('base64')), line(SCRIPT.toString('base64')), line(PNG.toString('base64').padEnd(13_000_000, 'A'))];
  writeFileSync(join(logs, `gh-1.${RUN}.jsonl`), lines.map((one) => `${one}\n`).join(''));
  const page = transcriptPage.parse(JSON.parse((await ask('/api/v1/tasks/gh-1/transcript')).body));
  expect(page.steps.map(({ pictures }) => pictures)).toEqual([
    [{ type: 'image/png', width: 3, height: 2 }],
    [null],
    // Its beginning tells what it is; that it is too long is told where it is asked for.
    [{ type: 'image/png', width: 3, height: 2 }],
  ]);
  const at = (n: number, more = ''): string => `/api/v1/tasks/gh-1/transcript/picture?offset=${page.steps[n]?.offset ?? 0}${more}`;
  const good = await ask(at(0));
  expect([good.status, good.headers['content-type'], good.headers['x-content-type-options']]).toEqual([200, 'image/png', 'nosniff']);
  expect(good.headers['content-security-policy']).toContain('sandbox');
  for (const [path, status] of [
    [at(1), 404],
    [at(2), 413],
    [at(0, '&index=1'), 404],
    ['/api/v1/tasks/gh-1/transcript/picture?offset=7', 404],
    [at(0, '&run=w-ffffff'), 404],
    [at(0, '&run=../../x'), 400],
  ] as const)
    expect([(await ask(path)).status, path]).toEqual([status, path]);
  expect((await ask(at(0), { headers: {} })).status).toBe(401);
});

test('a run in short is asked for mark by mark', async () => {
  const { ask, logs } = await world();
  writeFileSync(join(logs, `gh-1.${RUN}.jsonl`), ['a', 'b', 'c'].map((id) => `${line('', id)}\n`).join(''));
  const first = outline.parse(JSON.parse((await ask('/api/v1/tasks/gh-1/transcript/outline')).body));
  expect([first.marks.length, first.next, first.lines, first.after]).toEqual([3, 3, 3, first.size]);
  const rest = outline.parse(JSON.parse((await ask(`/api/v1/tasks/gh-1/transcript/outline?from=2`)).body));
  expect([rest.marks.length, rest.next]).toEqual([1, 3]);
  expect((await ask('/api/v1/tasks/gh-2/transcript/outline')).status).toBe(404);
});
