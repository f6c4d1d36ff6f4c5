import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, type TestContext, test } from 'vitest';
import { claudePath } from '../../../scripts/fetch/fetch-claude.ts';
import { canBeRunBy, NOBODY } from '../../support/machine/other-user.ts';
import { startMockModel } from '../../support/model/server.ts';
import type { Step } from '../../support/model/steps.ts';
import { workplace } from '../../support/world/daemon.ts';

/** What a person says and what a provider says, by the real Claude Code: the words arrive, and what is told of them is so. */

const claude = claudePath(join(import.meta.dirname, '../../../.cache'));
const PATIENCE = 100_000;
const LIMIT = { timeout: 300_000 };

async function begin(context: TestContext, steps: readonly Step[], user?: number) {
  if (!existsSync(claude)) throw new Error(`${claude} is missing: run \`node scripts/fetch/fetch-claude.ts\``);
  const model = await startMockModel({ work: steps });
  context.onTestFinished(() => model.close());
  const place = await workplace(context, user === undefined ? {} : { user });
  const given = { ANTHROPIC_API_KEY: 'sk-ant-fake-key-of-nobody', CLAUDE_CODE_MAX_RETRIES: '0', ANTHROPIC_BASE_URL: `${model.url}/s/work` };
  Object.assign(place.env, given);
  place.configure({ agent: { kind: 'claude', command: [claude], env: Object.keys(given) } });
  const task = `gh-${place.issue('Say hello', 'A file hello.txt that says hello.')}`;
  return { place, model, task, daemon: place.start() };
}

describe('the words of a stop are told to the agent, and a branch of its own is brought over', () => {
  const users = [['root', undefined] as const, ['an ordinary user', NOBODY] as const];
  for (const [who, user] of users) {
    const can = user === undefined || canBeRunBy(user, claude);
    test.skipIf(!can).concurrent(`as ${who}`, LIMIT, async (context) => {
      const { place, model, task } = await begin(context, [{ sh: 'touch began; sleep 600' }, { text: 'never' }], user);
      await place.until('the slow tool', () => existsSync(join(place.root, 'trees', task, 'began')), PATIENCE);
      place.configure({
        agent: { kind: 'claude', command: [claude], env: ['ANTHROPIC_API_KEY', 'CLAUDE_CODE_MAX_RETRIES', 'ANTHROPIC_BASE_URL'] },
        stop: { tool: '1s', interrupt: '5s', terminate: '3s', kill: '3s' },
      });
      expect(await place.tac8('reload')).toMatchObject({ code: 0 });
      expect((await place.tac8('stop', task, '--reason', 'Rhubarb belongs in it.')).out).toMatch(/ stopped after /);
      // Whose words, and which: in the log as well.
      expect((await place.tac8('view', task)).out).toContain('Rhubarb belongs in it.');
      const own =
        '<mock>[{"sh":"git checkout -q -b my-own; echo hi >hello.txt; git add -A; git commit -qm rhubarb"},{"text":"Done."}]</mock>';
      expect((await place.tac8('retry', task, '--continue', '--message', own)).out).toMatch(/in the same conversation/);
      await place.until('the pull', () => place.board().includes('- PR: #'), PATIENCE);
      expect(model.asked.some(({ lastUser }) => lastUser.includes('A person stopped you and said: Rhubarb belongs in it.'))).toBe(true);
      expect(new Set(model.asked.filter(({ step }) => step >= 0).map(({ session }) => session)).size).toBe(1);
      expect(place.repo.git(['log', '-1', '--format=%s', `auto/${task}`])).toBe('rhubarb');
      expect((await place.tac8('why', task)).out).toContain(`HEAD was not on auto/${task}: the branch now has its commits`);
      await place.until('nothing left behind', () => place.strays().length === 0, 20_000);
    });
  }
});

/** The full hour in about so many hours (UTC). */
function hourIn(hours: number): Date {
  const at = new Date(Date.now() + hours * 3_600_000);
  at.setUTCMinutes(0, 0, 0);
  return at;
}
const oClock = (at: Date): string => `${at.getUTCHours() % 12 || 12}${at.getUTCHours() < 12 ? 'am' : 'pm'} (UTC)`;
const dayOf = (at: Date): string => ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][at.getUTCDay()] ?? '';

describe('a limit in the words of its provider is waited for until the time that they state', () => {
  const [later, inDays, atEpoch] = [hourIn(6), hourIn(75), hourIn(5)];
  const SHAPES: readonly (readonly [string, string, Date])[] = [
    ['an hour', `You've hit your limit · resets ${oClock(later)}`, later],
    ['a weekday', `You've hit your weekly limit · resets ${dayOf(inDays)} ${oClock(inDays)}`, inDays],
    ['an epoch', `Claude AI usage limit reached|${atEpoch.getTime() / 1000}`, atEpoch],
  ];
  for (const [what, message, until] of SHAPES)
    test.concurrent(what, LIMIT, async (context) => {
      const { place, task, daemon } = await begin(context, [{ error: 429, message }]);
      const again = await place.until('the parking', () => daemon.happened().find(({ event }) => event === 'again'), PATIENCE);
      expect(again.detail).toMatch(/^usage_limit: 429: /);
      const { parked, tasks } = await place.status();
      // One run's word holds the others for half an hour at most: then one of them tries.
      expect(parked).toMatchObject({ type: 'usage_limit' });
      expect(Date.parse(parked?.until ?? '')).toBeLessThanOrEqual(Date.now() + 30 * 60_000);
      expect(tasks).toMatchObject([{ id: task, state: 'pending', attempts: 0 }]);
      const late = Date.parse(tasks[0]?.retry_at ?? '') - until.getTime();
      expect(late >= 0 && late <= (until.getTime() - Date.now()) / 9, `${late} ms after the stated time`).toBe(true);
      expect((await place.tac8('status')).out).toMatch(/parked: usage_limit: 429: .* — goes on in \d/);
      // A later daemon knows of it as well, and nothing was tried meanwhile.
      expect((await daemon.end('SIGTERM')).code).toBe(0);
      expect(daemon.happened().filter(({ event }) => event === 'started')).toHaveLength(1);
    });

  test.concurrent('a short one is called a rate limit, is over in seconds, and costs no attempt', LIMIT, async (context) => {
    const ok: Step = { sh: 'echo hi >hello.txt; git add -A; git commit -qm hello' };
    const short: Step = {
      error: 429,
      headers: { 'retry-after': '2' },
      message: 'This request would exceed your rate limit.',
      times: 1,
      ok,
    };
    const { place, daemon, model } = await begin(context, [short, { text: 'Done.' }]);
    const again = await place.until('the backoff', () => daemon.happened().find(({ event }) => event === 'again'), PATIENCE);
    expect(again.detail).toMatch(/rate limit/);
    await place.until('the pull', () => place.board().includes('- PR: #'), PATIENCE);
    const starts = daemon.happened().filter(({ event }) => event === 'started');
    expect(starts.map(({ detail }) => detail.split(', ')[1])).toEqual(['attempt 1', 'attempt 1']);
    // Less than the quarter of an hour that a limit without a time costs.
    expect(Date.parse(starts[1]?.at ?? '') - Date.parse(again.at)).toBeLessThan(5 * 60_000);
    expect(new Set(model.asked.filter(({ step }) => step >= 0).map(({ session }) => session)).size).toBe(1);
  });
});
