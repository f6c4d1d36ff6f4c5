import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { claudePath } from '../../../scripts/fetch/fetch-claude.ts';
import { liveRuns } from '../../support/agents/agents-seen.ts';
import { startMockModel } from '../../support/model/server.ts';
import type { Step } from '../../support/model/steps.ts';
import { workplace } from '../../support/world/daemon.ts';

/** What the real Claude Code has spent, however it ends, against a scripted model on loopback. */

const claude = claudePath(join(import.meta.dirname, '../../../.cache'));
const PATIENCE = 100_000;
const LIMIT = { timeout: 240_000 };
const OPUS = 'claude-opus-5-5';

beforeAll(() => {
  if (!existsSync(claude)) throw new Error(`${claude} is missing: run \`node scripts/fetch/fetch-claude.ts\` (npm test does)`);
});

/** $4 and $20 for a million: $0.40 and $0.80. */
const USED = { input_tokens: 100_000, output_tokens: 40_000 };
/** $0.10 and $0.20. */
const LESS = { input_tokens: 25_000, output_tokens: 10_000 };
const commit: Step = { sh: 'git add -A; git commit -qm hello; true', usage: LESS };
const slow: Step = { sh: 'echo a; touch began; [ -e again ] || sleep 120', usage: USED };

/** `toTool`: not before its first tool is at work; a limit may end it sooner. */
async function begin(context: TestContext, limits: object = {}, toTool = true) {
  const model = await startMockModel({ work: [slow, commit, commit, commit, commit, { text: 'Done.', usage: LESS }] });
  context.onTestFinished(() => model.close());
  const place = await workplace(context);
  const given = { ANTHROPIC_API_KEY: 'sk-ant-fake-key-of-nobody', CLAUDE_CODE_MAX_RETRIES: '0', ANTHROPIC_BASE_URL: `${model.url}/s/work` };
  Object.assign(place.env, given);
  place.configure({
    agent: { kind: 'claude', command: [claude], model: OPUS, env: Object.keys(given) },
    limits,
    stop: { tool: '1s', interrupt: '3s', terminate: '3s', kill: '3s' },
  });
  const task = `gh-${place.issue('Say hello', 'A file hello.txt that says hello.')}`;
  place.start();
  const tree = join(place.root, 'trees', task);
  if (toTool) await place.until('the slow tool', () => existsSync(join(tree, 'began')), PATIENCE);
  return { place, task, tree };
}

interface Spent {
  readonly spend: { readonly inputTokens: number; readonly outputTokens: number; readonly usd: number; readonly usdEstimated?: number };
}

describe('a run that is ended before its result', () => {
  test.concurrent('shows what it has spent while it works and after a kill, never nothing', LIMIT, async (context) => {
    const { place, task } = await begin(context);
    const shown = await place.until('the spend', async () => {
      const { out } = await place.tac8('status');
      return /≈ \$1\.20/.test(out) ? out : null;
    });
    expect(shown).toMatch(/140k tokens · ≈ \$1\.20/);
    expect(shown).toMatch(/≈ \$1\.20 of \$100 today/);
    await place.tac8('kill', task);
    await place.until('the failure', () => place.board().includes('[❌'), PATIENCE);
    expect((await place.tac8('report')).out).toMatch(/100,000 tokens in, 40,000 out, ≈ \$1\.20/);
    expect((await place.tac8('view', task)).out).toMatch(/100,000 tokens in, 40,000 out, ≈ \$1\.20/);
  });

  test.concurrent('meets the limit on dollars by what it has spent by now, and names both', LIMIT, async (context) => {
    const { place } = await begin(context, { usd_per_task: 1 }, false);
    await place.until('the failure', () => /limits\.usd_per_task: (?:≈ )?\$1\.20 of \$1\.00/.test(place.board()), PATIENCE);
  });

  test.concurrent.for(['kill -9 of claude', 'tac8 stop'])(
    'goes on after a %s: its sum is that of both runs',
    LIMIT,
    async (how, context) => {
      // What is left of the task's dollars is less than the first run has used: a sum over the whole conversation would end the second at once.
      const { place, task } = await begin(context, { usd_per_task: 2.9 });
      await place.until('the spend', async () => (await place.tac8('status')).out.includes('≈ $1.20'));
      if (how === 'tac8 stop') await place.tac8('stop', task);
      else for (const pid of [...liveRuns(place.root).values()].flat()) process.kill(pid, 'SIGKILL');
      await place.until('the end', () => !place.board().includes('[🟡'), PATIENCE);
      await place.tac8('retry', task, '--continue');
      await place.until('the work', () => place.board().includes('[✅'), PATIENCE);
      const { spend } = JSON.parse((await place.tac8('report', '--json')).out) as Spent;
      // Each reply of the second run as it is scripted, whatever the first has come to.
      const later = (spend.inputTokens - USED.input_tokens) / LESS.input_tokens;
      expect([2, 3, 4, 5]).toContain(later);
      expect(spend.outputTokens).toBe(USED.output_tokens + later * LESS.output_tokens);
      expect(spend.usd).toBeCloseTo(1.2 + later * 0.3, 6);
      expect(spend.usdEstimated ?? 0).toBeCloseTo(how === 'tac8 stop' ? 0 : 1.2, 6);
    },
  );
});
