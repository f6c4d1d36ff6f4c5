import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Step } from '../../support/model/steps.ts';
import { agentScene, REAL_AGENTS } from '../../support/world/real-agents.ts';

/** The same cases over every real agent that tac8 knows, against a scripted model and a fake GitHub on loopback. */

const LIMIT = { timeout: 480_000 };
/** Several agents start at once, on machines that have other things to do as well; some take seconds of a processor to begin. */
const PATIENCE = 200_000;
const jq = (filter: string, file: string): string => execFileSync('jq', ['-r', filter, file], { encoding: 'utf8', timeout: 10_000 }).trim();

const WORK: readonly Step[] = [
  { say: 'I write the file.', sh: 'echo hello >hello.txt; env >"$HOME/seen"' },
  { sh: 'git add -A && git commit -qm "Say hello"' },
  { text: 'Done: hello.txt is committed.' },
];

const ALL = process.env.TAC8_ALL_AGENTS !== undefined;

describe.each(REAL_AGENTS)('$kind', (agent) => {
  const isShort = agent.isHeavy && !ALL;
  test('a labelled issue becomes a commit, a draft pull and a comment; its log reads as any other', LIMIT, async (context) => {
    const scene = await agentScene(context, agent, WORK);
    const { place, task } = scene;
    await place.until('the comment', () => place.fake.state.comments.length > 0, PATIENCE);
    expect(place.board()).toMatch(new RegExp(`## Completed Today\n\\[✅ [0-9a-f]{7}, w-[0-9a-f]{6}\\] ${task}: Say hello\n`));
    expect(place.repo.git(['log', '-1', '--format=%s', `auto/${task}`])).toBe('Say hello');
    const log = join(place.root, `logs/${task}.jsonl`);
    expect(jq('select(.type=="assistant") | .message.content[] | select(.type=="text") | .text', log)).toBe(
      'I write the file.\nDone: hello.txt is committed.',
    );
    expect(jq('select(.type=="assistant") | .message.content[] | select(.type=="tool_use") | .name', log)).toBe('Bash\nBash');
    expect(jq('select(.type=="error")', log)).toBe('');
    expect(place.strays()).toEqual([]);
    const seen = readFileSync(join(place.root, '.tac8/homes', task, 'seen'), 'utf8');
    expect(seen).toContain(`TAC8_TASK=${task}`);
    for (const secret of ['hunter2', 'GITHUB_TOKEN', 'SSH_AUTH_SOCK']) expect(seen).not.toContain(secret);
    expect((await place.tac8('view', task)).out).toContain('I write the file.');
    expect(existsSync(log)).toBe(true);
  });

  // Some agents let the model go on while a tool takes longer than ten seconds.
  const LENGTHS = [
    ['a tool', 4],
    ['a long tool', 13],
  ] as const;
  for (const [what, seconds] of isShort ? LENGTHS.slice(0, 1) : LENGTHS)
    test.concurrent(`a STOP file in ${what}: the tool ends, nothing further runs, the work is a commit`, LIMIT, async (context) => {
      const slow: Step = { sh: `echo hello >hello.txt; touch began; sleep ${seconds}; touch ended` };
      const { place, task, tree } = await agentScene(context, agent, [slow, { sh: 'touch further' }, { text: 'never' }]);
      await place.until('the slow tool', () => existsSync(join(tree, 'began')), PATIENCE);
      writeFileSync(join(tree, 'STOP'), 'enough\n');
      await place.until('the failure', () => place.board().includes(`${task}: Say hello\n- Reason: enough\n`), PATIENCE);
      expect(existsSync(join(tree, 'ended'))).toBe(true);
      expect(existsSync(join(tree, 'further'))).toBe(false);
      expect(place.repo.git(['log', '-1', '--format=%s', `auto/${task}`])).toBe('WIP: stopped by STOP file: enough');
      expect(place.strays()).toEqual([]);
    });

  test.concurrent('a kill leaves none of its tools alive, and the same conversation goes on', LIMIT, async (context) => {
    const steps: Step[] = [{ sh: 'setsid tail -f /dev/null >/dev/null 2>&1 & touch began; sleep 600' }, { text: 'never' }];
    const { place, task, tree, model } = await agentScene(context, agent, steps);
    await place.until('the slow tool', () => existsSync(join(tree, 'began')), PATIENCE);
    expect((await place.tac8('kill', task)).out).toMatch(new RegExp(`^${task} killed after `));
    expect(place.strays()).toEqual([]);
    const finish = '<mock>[{"sh":"echo hi >hello.txt; git add -A; git commit -qm hello"},{"text":"Done."}]</mock>';
    expect((await place.tac8('retry', task, '--continue', '--message', `Go on. ${finish}`)).out).toMatch(/in the same conversation/);
    await place.until('the pull', () => place.board().includes('- PR: #'), PATIENCE);
    expect(model.asked.at(-1)?.turns).toBeGreaterThan(3);
  });

  test
    .skipIf(isShort)
    .concurrent('after a kill -9 of the daemon the adopted agent takes a tell in the middle of a tool', LIMIT, async (context) => {
      const wait: Step = { sh: 'touch began; until [ -e ../../go ]; do sleep 0.1; done' };
      const scene = await agentScene(context, agent, [
        wait,
        { sh: 'echo hi >hello.txt; git add -A; git commit -qm hello' },
        { text: 'Done.' },
      ]);
      const { place, task, tree, model } = scene;
      await place.until('the slow tool', () => existsSync(join(tree, 'began')), PATIENCE);
      await scene.daemon.end('SIGKILL');
      scene.daemon = place.start();
      await place.until('the new daemon', async () => (await place.status()).daemon?.pid === scene.daemon.pid);
      const told = place.tac8('tell', task, 'Mind the tabs.');
      await place.until('the message to be said', () => scene.daemon.happened().some(({ event }) => event === 'saying'));
      writeFileSync(join(place.root, 'go'), '');
      expect((await told).out).toMatch(new RegExp(`^${task}: taken up after`));
      await place.until('the pull', () => place.board().includes('- PR: #'), PATIENCE);
      expect(model.asked.some(({ lastUser }) => lastUser.includes('Mind the tabs.'))).toBe(true);
    });

  const REFUSALS: readonly [string, Step, RegExp][] = [
    ['a refused key', { error: 401, message: 'bad key' }, /auth_error: 401/],
    ['a limit', { error: 429, message: 'Too many requests' }, /usage_limit: /],
    ['an answer of 500', { error: 500 }, /provider_error: /],
    // Whoever notices first: the client of the run, or the daemon.
    ['a model that never answers', { hang: true }, /stalled: |provider_error: /],
  ];
  for (const [what, step, words] of isShort ? REFUSALS.slice(1, 2) : REFUSALS) {
    test.concurrent(`${what} has its name`, LIMIT, async (context) => {
      const limits = { silence: step.hang === true ? '10s' : '60s', attempts: 1 };
      const { place, daemon } = await agentScene(context, agent, [step], { limits });
      const says = (): string | undefined => daemon.happened().find(({ event }) => event === 'again' || event === 'failed')?.detail;
      expect(await place.until('its end', says, PATIENCE)).toMatch(words);
      expect(place.strays()).toEqual([]);
    });
  }

  test.skipIf(isShort).concurrent('a server that is not there is given up in bounded time', LIMIT, async (context) => {
    const { place, daemon } = await agentScene(context, agent, [], { limits: { silence: '45s' }, url: 'http://127.0.0.1:9' });
    const says = (): string | undefined => daemon.happened().find(({ event }) => event === 'again' || event === 'failed')?.detail;
    expect(await place.until('its end', says, PATIENCE)).toMatch(agent.saysRetries ? /^provider_error: / : /^(?:provider_error|stalled): /);
  });
});
