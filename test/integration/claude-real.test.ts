import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { claudePath } from '../../scripts/fetch/fetch-claude.ts';
import { CLAUDE } from '../../src/agents/claude/abilities.ts';
import { claudeInterrupt, claudeMessage } from '../../src/agents/claude/argv.ts';
import type { Outcome, Run } from '../../src/core/model/run.ts';
import { classify } from '../../src/core/settle/classify.ts';
import { type AgentBench, agentBench, issue, run, type Started } from '../support/agents/agent-run.ts';
import { ANYBODYS } from '../support/machine/other-user.ts';
import { type MockModel, startMockModel } from '../support/model/server.ts';
import type { Step } from '../support/model/steps.ts';

/** The real Claude Code, launched with tac8's own plan, against a scripted model on loopback. */

const claude = claudePath(join(import.meta.dirname, '../../.cache'));

beforeAll(() => {
  if (!existsSync(claude)) throw new Error(`${claude} is missing: run \`node scripts/fetch/fetch-claude.ts\` (npm test does)`);
});

let bench: AgentBench | null = null;
let model: MockModel | null = null;
afterEach(async () => {
  await bench?.close();
  await model?.close();
  bench = null;
  model = null;
});

/** Starts claude on the script. Its key is a fake one, the model is the only address it knows. */
async function begin(
  steps: readonly Step[],
  options: {
    readonly env?: Readonly<Record<string, string>>;
    readonly run?: Run;
    readonly files?: Readonly<Record<string, string>>;
  } = {},
): Promise<Started> {
  model ??= await startMockModel({ work: steps });
  const env = { ANTHROPIC_API_KEY: 'fake', ANTHROPIC_BASE_URL: `${model.url}/s/work`, CLAUDE_CODE_MAX_RETRIES: '1', ...options.env };
  bench ??= agentBench({ command: [claude], env: Object.keys(env), machine: { PATH: process.env.PATH, ...env } });
  for (const [name, text] of Object.entries(options.files ?? {})) {
    mkdirSync(dirname(join(bench.worktree, name)), { recursive: true });
    writeFileSync(join(bench.worktree, name), text);
  }
  return await bench.start(options.run ?? run(), issue('Make hello.txt'));
}

/** Waits for the end of the turn, lets the input end, and classifies. */
async function finish(started: Started): Promise<Outcome> {
  await started.until((facts) => facts.result !== null, 'a result');
  started.child.stdin?.end();
  return await ended(started);
}

async function ended(started: Started): Promise<Outcome> {
  const code = await started.exited;
  const commits = Number(git('rev-list', '--count', 'HEAD')) - 1;
  const inspection = { head: git('rev-parse', 'HEAD'), commits, dirty: git('status', '--porcelain') !== '', question: null };
  const evidence = { exit: { code, at: 0 }, cause: null, inspection, can: CLAUDE, rebooted: false, failedStart: null } as const;
  return classify({ ...evidence, stream: await started.facts() }, Date.now());
}

const git = (...args: string[]): string =>
  execFileSync('git', args, {
    cwd: bench?.worktree,
    env: { PATH: process.env.PATH ?? '', HOME: bench?.root ?? '', ...ANYBODYS },
    encoding: 'utf8',
  }).trim();
const typeOf = (outcome: Outcome): string => (outcome.kind === 'failed' ? outcome.failure.type : outcome.kind);

describe('the real claude', () => {
  test('writes and commits a file as the worker, and is found by its task', async () => {
    const steps = [
      { write: { path: 'hello.txt', content: 'hi\n' } },
      { sh: 'git add . && git commit -qm "add hello"', gate: 'commit' },
      { text: 'Done.' },
    ];
    const started = await begin(steps);
    await started.until((facts) => facts.activity?.startsWith('Write: ') === true, 'the write');
    const commandLine = readFileSync(`/proc/${started.child.pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    expect(commandLine).toMatch(/claude.*gh-450/);
    expect(commandLine).not.toContain('LED');
    model?.open('commit');
    expect(await finish(started)).toEqual({ kind: 'done' });
    expect(git('log', '-1', '--format=%an <%ae> %s')).toBe('tac8 worker <tac8@localhost> add hello');
    const facts = await started.facts();
    expect(facts).toMatchObject({ session: run().session, turns: 3, providerError: null, result: { isError: false, text: 'Done.' } });
    expect(facts.spend.inputTokens).toBeGreaterThan(100);
    // The prompt came through stdin, the issue as a block of data.
    expect(model?.asked[0]?.lastUser).toContain('You work alone');
  });

  test('is told the repository’s guidance, and runs none of its hooks', async () => {
    const hook = { hooks: { SessionStart: [{ hooks: [{ type: 'command', command: 'touch hooked' }] }] } };
    const started = await begin([{ sh: 'mkdir -p x; ls' }, { text: 'Done.' }], {
      files: { 'CLAUDE.md': 'Sentences end with a rhubarb.', '.claude/settings.json': JSON.stringify(hook) },
    });
    await finish(started);
    expect(model?.asked[0]?.lastUser).toContain('--- CLAUDE.md ---\nSentences end with a rhubarb.');
    expect(existsSync(join(bench?.worktree ?? '', 'hooked'))).toBe(false);
  });

  test.each([
    [401, 'auth_error'],
    [429, 'usage_limit'],
    [500, 'provider_error'],
    [529, 'provider_error'],
    [400, 'agent_error'],
  ])('the model answers %i: %s', async (error, expected) => {
    const outcome = await finish(await begin([{ error }]));
    expect(typeOf(outcome)).toBe(expected);
    expect(outcome.kind === 'failed' && outcome.failure.message).toContain(String(error));
  });

  test('a model that never answers: provider_error', async () => {
    expect(typeOf(await finish(await begin([{ hang: true }], { env: { API_TIMEOUT_MS: '1500' } })))).toBe('provider_error');
  });

  test('nothing listens: provider_error', async () => {
    expect(typeOf(await finish(await begin([], { env: { ANTHROPIC_BASE_URL: 'http://127.0.0.1:9' } })))).toBe('provider_error');
  });

  test('arguments it refuses: startup_error', async () => {
    const started = await begin([], { run: run({ session: 'no-uuid' }) });
    expect(typeOf(await ended(started))).toBe('startup_error');
  });

  test('interrupted by the protocol it stays and takes the next message; a kill of it counts as one', async () => {
    const started = await begin([{ sh: 'echo begun; sleep 600; echo over' }, { text: 'never' }]);
    await started.until((facts) => facts.activity?.startsWith('Bash: ') === true, 'the tool');
    started.child.stdin?.write(claudeInterrupt());
    const first = await started.until((facts) => facts.result !== null, 'the interrupted turn');
    expect(first.result?.terminalReason).toBe('aborted_tools');
    started.child.stdin?.write(claudeMessage('go on then <mock>[{"text":"here I am"}]</mock>'));
    await started.until((facts) => facts.result?.text === 'here I am', 'the next turn');
    started.child.kill('SIGTERM');
    expect(typeOf(await ended(started))).toBe('killed');
  });

  test('takes the conversation of a killed run up again', async () => {
    const first = await begin([{ sh: 'echo one' }, { text: 'never', gate: 'never' }]);
    await model?.askedTimes(2);
    first.child.kill('SIGKILL');
    expect(typeOf(await ended(first))).toBe('crash');
    const again = run({
      id: 'w-2e2e2e',
      resumes: {
        run: run().id,
        session: run().session,
        because: 'crash',
        message: 'go on <mock>[{"sh":"git commit -q --allow-empty -m two"},{"text":"two"}]</mock>',
      },
    });
    expect(await finish(await begin([], { run: again }))).toEqual({ kind: 'done' });
    expect(model?.asked.at(-1)?.turns).toBeGreaterThan(4);
  });

  test('tools that lead out of its worktree, or promise to wake it, are refused with the reason', async () => {
    const tools: Step[] = [
      { tool: 'EnterWorktree', input: { name: 'elsewhere' } },
      { tool: 'CronCreate', input: { cron: '* * * * *', prompt: 'go on' } },
      { tool: 'ScheduleWakeup', input: { delaySeconds: 60, reason: 'wait', prompt: 'go on' } },
    ];
    const started = await begin([...tools, { sh: 'git commit -q --allow-empty -m one' }, { text: 'Done.' }]);
    expect(await finish(started)).toEqual({ kind: 'done' });
    const log = readFileSync(started.launch.log, 'utf8');
    expect(log).toContain('Stay in it, and commit on its branch');
    expect(log.split('Nothing wakes you later').length - 1).toBeGreaterThanOrEqual(1);
    expect(existsSync(join(bench?.worktree ?? '', '.claude/worktrees'))).toBe(false);
  });

  test('the hooks of the repository do not run', async () => {
    bench = agentBench({ command: [claude] });
    mkdirSync(join(bench.worktree, '.claude'));
    const hook = { hooks: { SessionStart: [{ hooks: [{ type: 'command', command: `touch ${bench.root}/hooked` }] }] } };
    writeFileSync(join(bench.worktree, '.claude/settings.json'), JSON.stringify(hook));
    model = await startMockModel({ work: [{ text: 'ok' }] });
    const root = bench.root;
    Object.assign(bench.settings, {
      env: ['ANTHROPIC_API_KEY', 'ANTHROPIC_BASE_URL'],
      machine: { PATH: process.env.PATH, ANTHROPIC_API_KEY: 'fake', ANTHROPIC_BASE_URL: `${model.url}/s/work` },
    });
    const started = await bench.start(run());
    await finish(started);
    expect(existsSync(join(root, 'hooked'))).toBe(false);
    // The same with the setting that allows them, so that the test cannot pass by a hook that never works.
    Object.assign(bench.settings, { repoSettings: true });
    await finish(await bench.start(run({ id: 'w-3f3f3f', session: '22222222-2222-4222-8222-222222222222' })));
    expect(existsSync(join(root, 'hooked'))).toBe(true);
  });
});
