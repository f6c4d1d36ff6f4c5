import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { claudePath } from '../../../scripts/fetch/fetch-claude.ts';
import { startMockModel } from '../../support/model/server.ts';
import { workplace } from '../../support/world/daemon.ts';

const PATIENCE = 100_000;

test('the real claude is told once that its turns run out, while it works, and ends by itself', { timeout: 240_000 }, async (context) => {
  const say = (word: string): { readonly sh: string } => ({ sh: `echo ${word} >>said.txt; git add -A; git commit -qm ${word}` });
  const early = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'].map(say);
  const model = await startMockModel({ work: [...early, { sh: 'until [ -e go ]; do sleep 0.1; done' }, { text: 'Done.' }] });
  context.onTestFinished(() => model.close());
  const place = await workplace(context);
  const given = { ANTHROPIC_API_KEY: 'sk-ant-fake-key-of-nobody', CLAUDE_CODE_MAX_RETRIES: '0', ANTHROPIC_BASE_URL: `${model.url}/s/work` };
  Object.assign(place.env, given);
  place.configure({
    agent: { kind: 'claude', command: [claudePath(join(import.meta.dirname, '../../../.cache'))], env: Object.keys(given) },
    limits: { min_free_memory: '16MiB', min_free_disk: '16MiB', turns: 10, wrap_up: true },
  });
  const task = `gh-${place.issue('Say it', 'In eight commits.')}`;
  const daemon = place.start();
  await place.until('the message to be said', () => daemon.happened().some(({ event }) => event === 'saying'), PATIENCE);
  // Claude says by its name that it has it; then its tool may end.
  await place.until('claude to have it', () => place.read(`logs/${task}.jsonl`).includes('00000000-0000-4000-8001-'), PATIENCE);
  writeFileSync(join(place.root, 'trees', task, 'go'), '');
  await place.until('the pull', () => place.board().includes('- PR: #'), PATIENCE);
  expect(daemon.happened().filter(({ event }) => event === 'saying')).toHaveLength(1);
});
