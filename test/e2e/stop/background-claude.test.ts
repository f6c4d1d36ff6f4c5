import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, type TestContext, test } from 'vitest';
import { claudePath } from '../../../scripts/fetch/fetch-claude.ts';
import { startMockModel } from '../../support/model/server.ts';
import type { Step } from '../../support/model/steps.ts';
import { type Workplace, workplace } from '../../support/world/daemon.ts';

/** The real Claude Code, whose turn ends while a command of its own goes on in the background. */

const claude = claudePath(join(import.meta.dirname, '../../../.cache'));
const PATIENCE = 150_000;
const LIMIT = { timeout: 300_000 };
/** As long as it was when it was first seen to be cut off; else as short as it can be shown. */
const IS_LONG = process.env.TAC8_LONG !== undefined;
const LATE_BY = IS_LONG ? 80 : 8;
const [BOUND, TOO_LONG] = IS_LONG ? ['75s', '1000'] : ['3s', '600'];

async function begin(context: TestContext, background: string | undefined, steps: readonly Step[]) {
  if (!existsSync(claude)) throw new Error(`${claude} is missing: run \`node scripts/fetch/fetch-claude.ts\``);
  const model = await startMockModel({ work: steps });
  context.onTestFinished(() => model.close());
  const place = await workplace(context);
  const given = { ANTHROPIC_API_KEY: 'sk-ant-fake-key-of-nobody', CLAUDE_CODE_MAX_RETRIES: '0', ANTHROPIC_BASE_URL: `${model.url}/s/work` };
  Object.assign(place.env, given);
  place.configure({
    agent: { kind: 'claude', command: [claude], env: Object.keys(given) },
    limits: background === undefined ? {} : { background },
  });
  const task = `gh-${place.issue('Say hello', 'A file hello.txt that says hello.')}`;
  return { place, model, task, daemon: place.start() };
}

const pullBody = (place: Workplace): string => place.fake.state.issues.find(({ pull }) => pull !== null)?.body ?? '';

const late = (command: string): Step => ({
  tool: 'Bash',
  input: { command: `echo begun; ${command}`, description: 'late work', run_in_background: true },
});
const commit = (name: string): string => `echo ${name} >${name}.txt; git add ${name}.txt; git commit -qm ${name}`;

describe('work in the background after the agent’s turn', () => {
  test.concurrent('is waited for: its late commit is in the pull', LIMIT, async (context) => {
    const steps: Step[] = [
      late(`sleep ${LATE_BY}; ${commit('late')}`),
      { text: 'It runs; I wait for it.' },
      { text: 'Done: it has ended.' },
    ];
    const { place, task } = await begin(context, IS_LONG ? undefined : '60s', steps);
    await place.until(
      'that it waits to be shown',
      async () => (await place.tac8('status')).out.includes('waits for work in the background'),
      PATIENCE,
    );
    await place.until('the pull', () => place.board().includes('- PR: #'), PATIENCE);
    expect(place.repo.git(['log', '--format=%s', `main..auto/${task}`])).toBe('late');
    expect(pullBody(place)).not.toContain('unfinished');
  });

  test.concurrent('longer than limits.background: one more turn says so; what it leaves is cut off, and said', LIMIT, async (context) => {
    const steps: Step[] = [{ sh: commit('half') }, late(`sleep ${TOO_LONG}; touch over`), { text: 'I wait.' }];
    const { place, model, task } = await begin(context, BOUND, steps);
    await place.until('the last call', () => model.asked.some(({ lastUser }) => lastUser.includes('last turn of this run')), PATIENCE);
    await place.until('the pull', () => place.board().includes('- PR: #'), PATIENCE);
    expect(pullBody(place)).toContain('unfinished: work in the background was cut off: late work');
    await place.until('the comment', () => place.fake.state.comments.length > 0, PATIENCE);
    expect(place.fake.state.comments[0]?.body).toContain('was cut off: late work');
    for (const command of ['why', 'view']) expect((await place.tac8(command, task)).out).toContain('late work');
  });
});
