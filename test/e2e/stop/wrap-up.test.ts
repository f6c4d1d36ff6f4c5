import { join } from 'node:path';
import { expect, test } from 'vitest';
import { claudePath } from '../../../scripts/fetch-claude.ts';
import { startMockModel } from '../../support/model/server.ts';
import { workplace } from '../../support/world/daemon.ts';

const PATIENCE = 100_000;

test('the real claude is told once that its turns run out, before its next request', { timeout: 240_000 }, async (context) => {
  const say = (word: string): { readonly sh: string } => ({ sh: `echo ${word} >>said.txt; git add -A; git commit -qm ${word}` });
  const model = await startMockModel({
    work: [say('one'), say('two'), say('three'), say('four'), { ...say('five'), gate: 'on' }, { text: 'Done.' }],
  });
  context.onTestFinished(() => model.close());
  const place = await workplace(context);
  const given = { ANTHROPIC_API_KEY: 'sk-ant-fake-key-of-nobody', CLAUDE_CODE_MAX_RETRIES: '0', ANTHROPIC_BASE_URL: `${model.url}/s/work` };
  Object.assign(place.env, given);
  place.configure({
    agent: { kind: 'claude', command: [claudePath(join(import.meta.dirname, '../../../.cache'))], env: Object.keys(given) },
    limits: { min_free_memory: '16MiB', min_free_disk: '16MiB', turns: 6 },
  });
  place.issue('Say it', 'In five commits.');
  const daemon = place.start();
  await place.until('the message to be said', () => daemon.happened().some(({ event }) => event === 'saying'), PATIENCE);
  model.open('on');
  await place.until('the pull', () => place.board().includes('- PR: #'), PATIENCE);
  const heard = model.asked.filter(({ lastUser }) =>
    lastUser.includes('Most of what this run may take is used up (limits.turns: 5 of 6 turns)'),
  );
  expect(heard.length).toBeGreaterThan(0);
  expect(daemon.happened().filter(({ event }) => event === 'saying')).toHaveLength(1);
});
