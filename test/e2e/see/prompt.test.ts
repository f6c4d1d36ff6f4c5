import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workplace } from '../../support/world/daemon.ts';

const PATIENCE = 100_000;

test('`tac8 prompt` prints what the agent is told then, and leaves nothing behind', { timeout: 240_000 }, async (context) => {
  const place = await workplace(context);
  place.configure({
    agent: place.agent('cat > "$1/told"; exit 3'),
    agents: { deep: { kind: 'command', command: ['/bin/true'] } },
    limits: { attempts: 1, min_free_memory: '16MiB', min_free_disk: '16MiB' },
  });
  mkdirSync(join(place.root, 'worker_template/deep'), { recursive: true });
  writeFileSync(join(place.root, 'worker_template/ask.md'), '\nAsk nobody, {{ task.id }}.\n');
  writeFileSync(join(place.root, 'worker_template/deep/ask.md'), '\nThink.\n');
  const number = place.fake.createIssue('wil', { title: 'Say hello', body: 'Say it <!-- in vain --> loudly.', labels: ['rpi-auto'] });
  const before = await place.tac8('prompt', String(number));
  expect(before.code).toBe(0);
  expect(before.out).toContain(`Ask nobody, gh-${number}.`);
  expect(before.out).toMatch(/Say it {1,2}loudly/);
  expect(before.err).toContain(`attempt 1, command: ${Buffer.byteLength(before.out).toLocaleString('en')} bytes, about`);
  expect(before.err).toContain('Yours: worker_template/ask.md. The rest is built in.');
  expect(existsSync(join(place.root, '.tac8/runs'))).toBe(false);

  const deep = JSON.parse((await place.tac8('prompt', String(number), '--agent', 'deep', '--json')).out) as Record<string, unknown>;
  expect(deep).toMatchObject({ agent: { name: 'deep' }, attempt: 1, goes_on: false, guidance_of: place.root });
  expect(deep.prompt).toContain('\nThink.\n');
  expect(await place.tac8('prompt', String(number), '--agent', 'nobody')).toMatchObject({ code: 5 });
  expect(await place.tac8('prompt', '4711')).toMatchObject({ code: 5 });
  const { GITHUB_TOKEN: token = '' } = place.env;
  delete place.env.GITHUB_TOKEN;
  const unasked = await place.tac8('prompt', '4711');
  expect(unasked).toMatchObject({
    code: 5,
    err: expect.stringMatching(/there is no task gh-4711 here, and GitHub cannot be asked .*no GitHub token/),
  });
  place.env.GITHUB_TOKEN = token;

  place.start();
  await place.until('its end', () => place.fake.state.comments.some(({ issue }) => issue === number), PATIENCE);
  expect(readFileSync(join(place.notes, 'told'), 'utf8')).toBe(before.out);
  const again = await place.tac8('prompt', String(number));
  expect(again.err).toContain(`guidance is that of trees/gh-${number}.`);
});
