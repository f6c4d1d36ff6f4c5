import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { agentScene, realAgent } from '../../support/agents/real-agents.ts';
import { filesHolding } from '../../support/machine/files-holding.ts';
import type { Step } from '../../support/model/steps.ts';

const PATIENCE = 100_000;
const KEY = 'fake-key-of-nobody';

/** The real OpenCode in the real sandbox, with the provider that its example in the docs has. */
test('opencode in its box: its model by the way out, a key that is nowhere inside, and its pull', { timeout: 300_000 }, async (context) => {
  const real = realAgent('opencode');
  const settle = (_: string, url: string) => ({
    ...{ ANTHROPIC_API_KEY: KEY, OPENCODE_API_KEY: `${KEY}-of-another` },
    ...{ ANTHROPIC_BASE_URL: `${url}/v1`, OPENCODE_DISABLE_MODELS_FETCH: '1' },
  });
  const steps: Step[] = [{ sh: 'env >"$HOME/seen"; echo hi >hello.txt; git add hello.txt; git commit -qm hello' }, { text: 'Done.' }];
  const options = {
    sandbox: 'auto',
    more: { model: 'anthropic/claude-sonnet-4-5' },
    profile: { read: [dirname(real.command[0])] },
  } as const;
  const { place, task, model, daemon } = await agentScene(context, { ...real, settle }, steps, options);
  await place.until('the pull', () => place.board().includes('- PR: #'), PATIENCE);
  const seen = readFileSync(join(place.root, '.tac8/homes', task, 'seen'), 'utf8');
  for (const name of ['ANTHROPIC_API_KEY', 'OPENCODE_API_KEY']) expect(seen).toContain(`${name}=placeholder-`);
  expect(filesHolding(place.root, KEY)).toEqual([]);
  // So that its absence means something: the model was asked with it.
  expect(new Set(model.asked.map(({ login }) => login))).toEqual(new Set([KEY]));
  expect((await daemon.end('SIGTERM')).code).toBe(0);
  await place.until('nothing left behind', () => place.strays().length === 0, PATIENCE);
});
