import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { knownOf } from '../../../src/agents/known.ts';
import { agentScene, processesOf, REAL_AGENTS } from '../../support/agents/real-agents.ts';
import type { Step } from '../../support/model/steps.ts';
import type { Workplace } from '../../support/world/daemon.ts';

/** The same cases over every real agent that tac8 knows, against a scripted model and a fake GitHub on loopback. */

const LIMIT = { timeout: 480_000 };
/** Several agents start at once, on machines that have other things to do as well; some take seconds of a processor to begin. */
const PATIENCE = 200_000;
const jq = (filter: string, file: string): string => execFileSync('jq', ['-r', filter, file], { encoding: 'utf8', timeout: 10_000 }).trim();

const WORK: readonly Step[] = [
  { say: 'I write the file.', sh: 'echo hello >hello.txt; env >"$HOME/seen"' },
  // What it leaves behind is ended with it.
  { sh: 'setsid tail -f /dev/null >/dev/null 2>&1 & git add -A && git commit -qm "Say hello"' },
  { text: 'Done: hello.txt is committed.' },
];

/** What the model does from there on, in a message to the agent. */
const FINISH = '<mock>[{"sh":"echo hi >hello.txt; git add -A; git commit -qm hello"},{"text":"Done."}]</mock>';

const log = (place: Workplace, task: string): string => join(place.root, `logs/${task}.jsonl`);

const ALL = process.env.TAC8_ALL_AGENTS !== undefined;

describe.each(REAL_AGENTS)('$kind', (agent) => {
  const isShort = agent.isHeavy && !ALL;
  test('a labelled issue becomes a commit, a draft pull and a comment; its log reads as any other', LIMIT, async (context) => {
    const scene = await agentScene(context, agent, WORK);
    const { place, task } = scene;
    await place.until('the comment', () => place.fake.state.comments.length > 0, PATIENCE);
    expect(place.board()).toMatch(new RegExp(`## Completed Today\n\\[✅ [0-9a-f]{7}, w-[0-9a-f]{6}\\] ${task}: Say hello\n`));
    expect(place.repo.git(['log', '-1', '--format=%s', `auto/${task}`])).toBe('Say hello');
    const its = log(place, task);
    expect(jq('select(.type=="assistant") | .message.content[] | select(.type=="text") | .text', its)).toBe(
      'I write the file.\nDone: hello.txt is committed.',
    );
    expect(jq('select(.type=="assistant") | .message.content[] | select(.type=="tool_use") | .name', its)).toBe('Bash\nBash');
    expect(jq('select(.type=="error")', its)).toBe('');
    await place.until('nothing left behind', () => place.strays().length === 0, 20_000);
    const seen = readFileSync(join(place.root, '.tac8/homes', task, 'seen'), 'utf8');
    expect(seen).toContain(`TAC8_TASK=${task}`);
    for (const secret of ['hunter2', 'GITHUB_TOKEN', 'SSH_AUTH_SOCK']) expect(seen).not.toContain(secret);
    const viewed = (await place.tac8('view', task)).out;
    expect(viewed).toContain('I write the file.');
    // What it was asked stands before what it said, once.
    expect(viewed).toMatch(/^\d\d:\d\d:\d\d {2}» [\s\S]*I write the file\./m);
    expect(viewed.match(/^\d\d:\d\d:\d\d {2}» /gm)).toHaveLength(1);
    expect(existsSync(its)).toBe(true);
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
      await place.until('nothing left behind', () => place.strays().length === 0, 20_000);
    });

  test.concurrent('a kill leaves none of its tools alive, and the same conversation goes on', LIMIT, async (context) => {
    const steps: Step[] = [{ sh: 'setsid tail -f /dev/null >/dev/null 2>&1 & touch began; sleep 600' }, { text: 'never' }];
    const { place, task, tree, model } = await agentScene(context, agent, steps);
    await place.until('the slow tool', () => existsSync(join(tree, 'began')), PATIENCE);
    expect((await place.tac8('kill', task)).out).toMatch(new RegExp(`^${task} killed after `));
    await place.until('nothing left behind', () => place.strays().length === 0, 20_000);
    expect((await place.tac8('retry', task, '--continue', '--message', `Go on. ${FINISH}`)).out).toMatch(/in the same conversation/);
    await place.until('the pull', () => place.board().includes('- PR: #'), PATIENCE);
    expect(model.asked.at(-1)?.turns).toBeGreaterThan(3);
  });

  test
    .skipIf(isShort)
    .concurrent('after a kill -9 of the daemon the adopted agent takes a tell in the middle of a tool', LIMIT, async (context) => {
      const wait: Step = { sh: 'touch began; until [ -e ../../go ]; do sleep 0.1; done' };
      const scene = await agentScene(context, agent, [wait, { text: 'I was told nothing.' }]);
      const { place, task, tree, model } = scene;
      await place.until('the slow tool', () => existsSync(join(tree, 'began')), PATIENCE);
      await scene.daemon.end('SIGKILL');
      scene.daemon = place.start();
      await place.until('the new daemon', async () => (await place.status()).daemon?.pid === scene.daemon.pid);
      const told = place.tac8('tell', task, `Mind the tabs. ${FINISH}`);
      await place.until('the message to be said', () => scene.daemon.happened().some(({ event }) => event === 'saying'));
      writeFileSync(join(place.root, 'go'), '');
      expect((await told).out).toMatch(new RegExp(`^${task}: taken up after`));
      await place.until('the pull', () => place.board().includes('- PR: #'), PATIENCE);
      expect(model.asked.some(({ lastUser }) => lastUser.includes('Mind the tabs.'))).toBe(true);
    });

  test
    .skipIf(isShort)
    .concurrent('a question: it waits for a person, and the answer goes on in the conversation', LIMIT, async (context) => {
      const asks: Step[] = [{ sh: "echo 'CSV or Parquet?' >BLOCKED.md" }, { text: 'I ask.' }];
      const { place, task, model } = await agentScene(context, agent, asks);
      await place.until('the question', () => place.board().includes('CSV or Parquet?'), PATIENCE);
      expect((await place.tac8('retry', task, '--continue', '--message', `CSV. ${FINISH}`)).out).toMatch(/in the same conversation/);
      await place.until('the pull', () => place.board().includes('- PR: #'), PATIENCE);
      expect(model.asked.at(-1)?.turns).toBeGreaterThan(3);
    });

  test.skipIf(isShort).concurrent('the label is taken off: it is stopped, and its work is kept', LIMIT, async (context) => {
    const slow: Step = { sh: 'echo hello >hello.txt; touch began; sleep 600' };
    const { place, task, tree, number } = await agentScene(context, agent, [slow, { text: 'never' }]);
    await place.until('the slow tool', () => existsSync(join(tree, 'began')), PATIENCE);
    place.fake.unlabel('wil', number, 'rpi-auto');
    await place.until(
      'the end',
      async () => (await place.status()).tasks.find(({ id }) => id === task)?.reason?.type === 'cancelled',
      PATIENCE,
    );
    const saved = (): string =>
      place.repo
        .git(['for-each-ref', '--format=%(refname)', `refs/tac8/saved/${task}`])
        .trim()
        .split('\n')
        .at(-1) ?? '';
    await place.until('the saved work', () => saved() !== '', PATIENCE);
    expect(place.repo.git(['ls-tree', '--name-only', saved()])).toContain('hello.txt');
    await place.until('nothing left behind', () => place.strays().length === 0, 20_000);
  });

  const { late } = agent;
  test
    .skipIf(isShort || late === undefined)
    .concurrent('a command that goes on after its last words is waited for: its commit is in the pull', LIMIT, async (context) => {
      const work = late?.('echo begun; sleep 8; echo late >late.txt; git add late.txt; git commit -qm late') ?? {};
      const { place, task } = await agentScene(context, agent, [
        work,
        { text: 'It runs; I wait for it.' },
        { text: 'Done: it has ended.' },
      ]);
      await place.until('the pull', () => place.board().includes('- PR: #'), PATIENCE);
      expect(place.repo.git(['log', '--format=%s', `main..auto/${task}`])).toBe('late');
      await place.until('nothing left behind', () => place.strays().length === 0, 20_000);
    });

  test.skipIf(isShort).concurrent('a limit of two turns ends it', LIMIT, async (context) => {
    const steps: Step[] = [1, 2, 3, 4, 5, 6].map((n) => ({ sh: `echo ${n} >>count; sleep 1` }));
    const { place, daemon, tree } = await agentScene(context, agent, steps, { limits: { turns: 2, attempts: 1 } });
    const says = (): string | undefined => daemon.happened().find(({ event }) => event === 'failed')?.detail;
    expect(await place.until('its end', says, PATIENCE)).toMatch(/^budget: /);
    expect(readFileSync(join(tree, 'count'), 'utf8')).not.toContain('6');
    await place.until('nothing left behind', () => place.strays().length === 0, 20_000);
  });

  const SERVED = 'a tool server of the settings is there, with its secret, and its tool is called';
  for (const sandbox of ['none', 'auto'] as const)
    test.skipIf(isShort).concurrent(`${sandbox === 'none' ? '' : 'in the sandbox '}${SERVED}`, LIMIT, async (context) => {
      const server = { command: [process.execPath, join(import.meta.dirname, 'programs/tool-server.ts')], env: ['DOCS_TOKEN'] };
      const steps: Step[] = [
        { tool: agent.toolOf('docs', 'greet'), input: {} },
        { sh: 'echo hi >hello.txt; git add -A; git commit -qm hello' },
        { text: 'Done.' },
      ];
      const folders = [join(import.meta.dirname, 'programs'), dirname(dirname(realpathSync(process.execPath)))];
      // A package of many files.
      const profile = { read: [...folders, dirname(agent.command.at(-1) ?? '')] };
      const env = { DOCS_TOKEN: 'a-secret-of-the-tests' };
      const more = knownOf(agent).written.servers === 'with repo_settings' ? { repo_settings: true } : {};
      const inBox = sandbox === 'none' ? undefined : agent.inBox;
      const its = { ...more, ...(inBox && { model: inBox.model }) };
      const options = { mcp: { docs: server }, env, more: its, sandbox, profile };
      const { place, task, model, daemon } = await agentScene(
        context,
        { ...agent, ...(inBox && { settle: inBox.settle }) },
        steps,
        options,
      );
      await place.until('the pull', () => place.board().includes('- PR: #'), PATIENCE);
      expect(readFileSync(join(place.root, '.tac8/homes', task, 'tool-server'), 'utf8')).toBe('secret: true\ncalled: greet\n');
      expect(model.asked.some(({ lastTool }) => lastTool.includes('Greetings from the tool server.'))).toBe(true);
      // The way out of a sandbox goes with the daemon.
      if (sandbox !== 'none') await daemon.end('SIGTERM');
      await place.until('nothing left behind', () => place.strays().length === 0, 100_000);
      const files = readdirSync(join(place.root, '.tac8/runs'), { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
      for (const { parentPath, name } of files) expect(readFileSync(join(parentPath, name), 'utf8'), name).not.toContain(env.DOCS_TOKEN);
    });

  const REFUSALS: readonly [string, Step, RegExp][] = [
    ['a refused key', { error: 401, message: 'bad key' }, /auth_error: 401/],
    ['a limit', { error: 429, message: 'Too many requests' }, /usage_limit: /],
    ['an answer of 500', { error: 500 }, /provider_error: /],
    // Some go on trying without a word.
    ['a stream that is cut each time', { text: 'This is a reply that never comes to its end.', drop: true }, /provider_error: |stalled: /],
    // Whoever notices first: the client of the run, or the daemon.
    ['a model that never answers', { hang: true }, /stalled: |provider_error: /],
  ];
  for (const [what, step, words] of isShort ? REFUSALS.slice(1, 2) : REFUSALS) {
    test.concurrent(`${what} has its name`, LIMIT, async (context) => {
      const limits = { silence: step.hang === true ? '10s' : '60s', attempts: 1 };
      const { place, daemon } = await agentScene(context, agent, [step], { limits });
      const says = (): string | undefined => daemon.happened().find(({ event }) => event === 'again' || event === 'failed')?.detail;
      expect(await place.until('its end', says, PATIENCE)).toMatch(words);
      await place.until('nothing left behind', () => place.strays().length === 0, 20_000);
    });
  }

  test.skipIf(!ALL).concurrent('a tool that says nothing for longer than the limit of silence is waited for', LIMIT, async (context) => {
    const slow: Step = {
      sh: 'timeout 75 tail -f /dev/null; echo hi >hello.txt; git add -A; git commit -qm hello',
    };
    const { place, daemon } = await agentScene(context, agent, [slow, { text: 'Done.' }], { limits: { silence: '50s', attempts: 1 } });
    await place.until('the pull', () => place.board().includes('- PR: #'), PATIENCE);
    expect(daemon.happened().filter(({ event }) => event === 'again' || event === 'failed')).toEqual([]);
  });

  test.skipIf(isShort).concurrent('one that hangs in a tool is given up after the limit of silence', LIMIT, async (context) => {
    const slow: Step = { sh: 'touch began; while :; do sleep 1; done' };
    const { place, daemon, tree } = await agentScene(context, agent, [slow, { text: 'never' }], {
      limits: { silence: '40s', attempts: 1 },
    });
    await place.until('the slow tool', () => existsSync(join(tree, 'began')), PATIENCE);
    const its = processesOf(agent.command.at(-1) ?? '', tree);
    expect(its.length).toBeGreaterThan(0);
    for (const pid of its) process.kill(pid, 'SIGSTOP');
    const says = (): string | undefined => daemon.happened().find(({ event }) => event === 'again' || event === 'failed')?.detail;
    expect(await place.until('its end', says, PATIENCE)).toMatch(/^stalled: limits\.silence/);
    await place.until('nothing left behind', () => place.strays().length === 0, 20_000);
  });

  test
    .skipIf(isShort)
    .concurrent(
      'a limit that says when it ends: parked until then, no attempt is used up, and the same conversation goes on',
      LIMIT,
      async (context) => {
        const at = (Math.ceil(Date.now() / 1000) + 2 * 3600) * 1000;
        const { step, login = {} } = agent.limited(at);
        const steps = [step];
        const { place, daemon, task, model } = await agentScene(context, agent, steps, { login });
        const says = (): string | undefined => daemon.happened().find(({ event }) => event === 'again' || event === 'failed')?.detail;
        expect(await place.until('its end', says, PATIENCE)).toMatch(/^usage_limit: /);
        const { parked, tasks } = await place.status();
        expect(parked).toMatchObject({ type: 'usage_limit' });
        expect(tasks).toMatchObject([{ id: task, state: 'pending', attempts: 0 }]);
        // What says a span says it some time after the test took the time; and not all go on in the same second.
        const late = Date.parse(tasks[0]?.retry_at ?? '') - at;
        expect(late >= 0 && late < PATIENCE + 60_000, `${late} ms after it`).toBe(true);
        // A person wants it now.
        steps.splice(0, 1, { sh: 'echo hi >hello.txt; git add -A; git commit -qm hello' }, { text: 'Done.' });
        await place.tac8('resume');
        expect((await place.tac8('retry', task, '--continue')).out).toMatch(/in the same conversation/);
        await place.until('the pull', () => place.board().includes('- PR: #'), PATIENCE);
        expect(new Set(model.asked.filter(({ step: n }) => n >= 0).map(({ session }) => session)).size).toBe(1);
      },
    );

  test.skipIf(isShort).concurrent('a server that is not there is given up in bounded time', LIMIT, async (context) => {
    const { place, daemon } = await agentScene(context, agent, [], { limits: { silence: '45s' }, url: 'http://127.0.0.1:9' });
    const says = (): string | undefined => daemon.happened().find(({ event }) => event === 'again' || event === 'failed')?.detail;
    expect(await place.until('its end', says, PATIENCE)).toMatch(agent.saysRetries ? /^provider_error: / : /^(?:provider_error|stalled): /);
  });
});
