import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { claudePath } from '../../scripts/fetch-claude.ts';
import { type FailureType, HINTS } from '../../src/core/failure.ts';
import { type Daemon, type Status, type TaskStatus, type Workplace, workplace } from '../support/daemon.ts';
import { type MockModel, startMockModel } from '../support/mock-model/server.ts';
import type { Step } from '../support/mock-model/steps.ts';

/** The real Claude Code, started by the real daemon, against a scripted model and a fake GitHub on loopback. */

const claude = claudePath(join(import.meta.dirname, '../../.cache'));

beforeAll(() => {
  if (!existsSync(claude)) throw new Error(`${claude} is missing: run \`node scripts/fetch-claude.ts\` (npm test does)`);
});

/** What claude is told besides the base list: where its model is, and to be quick about giving up. */
const CLAUDE = { ANTHROPIC_API_KEY: 'sk-fake-key', CLAUDE_CODE_MAX_RETRIES: '0', API_TIMEOUT_MS: '30000' };

interface Scene {
  readonly place: Workplace;
  readonly model: MockModel;
  readonly daemon: Daemon;
  readonly number: number;
  readonly task: string;
}

async function begin(context: TestContext, steps: readonly Step[], env: Record<string, string> = {}, settings = {}): Promise<Scene> {
  const model = await startMockModel({ work: steps });
  context.onTestFinished(() => model.close());
  const place = await workplace(context);
  const given: Record<string, string> = { ...CLAUDE, ANTHROPIC_BASE_URL: `${model.url}/s/work`, ...env };
  Object.assign(place.env, given);
  const limits = { min_free_memory: '16MiB', min_free_disk: '16MiB', retry_delay: '2s', ...settings };
  place.configure({ agent: { kind: 'claude', command: [claude], env: Object.keys(given) }, limits });
  const number = place.issue('Say hello', 'A file hello.txt that says hello.');
  return { place, model, daemon: place.start(), number, task: `gh-${number}` };
}

const WORK: readonly Step[] = [
  { say: 'I write the file.', write: { path: 'hello.txt', content: 'hello\n' } },
  { sh: 'env >seen-env.txt; git add hello.txt && git commit -qm "Say hello"' },
  { text: 'Done: hello.txt is committed.' },
];

test('an issue becomes a draft pull', { timeout: 60_000 }, async (context) => {
  const { place, daemon, number, task, model } = await begin(context, WORK);
  await place.until('the pull on the board', () => place.board().includes('- PR: #'), 30_000);
  await daemon.end('SIGTERM');
  console.log(daemon.out(), daemon.err(), place.board(), (await place.tac8('status')).out, number, task, model.asked);
});

describe.each([
  ['401', [{ error: 401 }]],
  ['429', [{ error: 429 }]],
  ['500', [{ error: 500 }]],
  ['hang', [{ hang: true }]],
] as [string, Step[]][])('%s', (name, steps) => {
  test('x', { timeout: 60_000 }, async (context) => {
    const { place, daemon, number, task, model } = await begin(context, steps, name === 'hang' ? { API_TIMEOUT_MS: '1000' } : {});
    await place.until('end', () => daemon.happened().find(({ event }) => event === 'failed' || event === 'again'), 30_000);
    console.log(daemon.out(), daemon.err(), place.board(), (await place.tac8('status')).out, number, task, model.asked);
  });
});
