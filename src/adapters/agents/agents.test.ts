import { lstatSync, mkdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type AgentBench, agentBench, issue, issueTexts, run, task } from '../../../test/support/agents/agent-run.ts';
import { CLAUDE } from '../../agents/claude/abilities.ts';
import { COMMAND } from '../../agents/command/abilities.ts';
import type { AgentSettings } from '../../agents/ground/settings.ts';
import type { Run } from '../../core/model/run.ts';
import { PortError } from '../../engine/ports/error.ts';
import { createAgents } from './agents.ts';

let bench: AgentBench;
const begin = (over: Partial<AgentSettings> = {}): AgentBench => {
  bench = agentBench({ isRoot: false, ...over });
  return bench;
};
afterEach(() => bench.close());

const NASTY = 'Fix "it"; $(rm -rf ~) `x` {{ env.HOME }} {% raw %}\n--dangerously\u0000 <!-- hidden --> 🙂';
const commandRun = (over: Partial<Run> = {}): Run => run({ agent: { kind: 'command', can: COMMAND, model: null }, ...over });

describe('claude’s command line', () => {
  test('a first run', async () => {
    const { argv, stdin, cwd, log, stderr } = await begin().prepare(run(), issue(NASTY, { title: NASTY }));
    expect(argv).toEqual([
      ...[
        'claude',
        '-p',
        '--verbose',
        '--input-format',
        'stream-json',
        '--output-format',
        'stream-json',
        '--include-partial-messages',
        '--replay-user-messages',
      ],
      ...[
        '--session-id',
        run().session,
        '--name',
        'gh-450 w-1d3d59',
        '--setting-sources',
        'user',
        '--settings',
        join(bench.root, '.tac8/runs/w-1d3d59/claude-settings.json'),
        '--permission-mode',
        'bypassPermissions',
      ],
    ]);
    expect(stdin.kind).toBe('fifo');
    const message = JSON.parse(stdin.prompt) as { type: string; message: { role: string; content: { text: string }[] } };
    expect(message).toMatchObject({ type: 'user', message: { role: 'user' } });
    expect(stdin.prompt).toMatch(/^[^\n]+\n$/);
    expect(message.message.content[0]?.text).toContain('Fix "it"; $(rm -rf ~) `x` {{ env.HOME }} {% raw %}');
    // A title shows it, a body does not.
    expect(message.message.content[0]?.text.split('hidden')).toHaveLength(3);
    expect(message.message.content[0]?.text).toMatch(/; tac8 took out .*comments\)\n/);
    expect([cwd, log, stderr].map((path) => path.slice(bench.root.length))).toEqual([
      ...['/trees/gh-450', '/logs/gh-450.w-1d3d59.jsonl', '/logs/gh-450.w-1d3d59.stderr.log'],
    ]);
    expect(readFileSync(join(bench.root, '.tac8/runs/w-1d3d59/prompt.md'), 'utf8')).toBe(message.message.content[0]?.text);
  });

  test('limits, model and what else is set', async () => {
    const limits = { turns: 200, usdPerTask: 10 };
    const { argv } = await begin({ limits, model: 'sonnet', repoSettings: true, args: ['--effort', 'high'] }).prepare(run());
    const text = argv.join(' ');
    expect(text).toContain('--model sonnet --max-turns 200 --max-budget-usd 10 --effort high');
    expect(text).not.toContain('--setting-sources');
    const routed = await bench.prepare(run({ agent: { kind: 'claude', can: CLAUDE, model: 'opus' } }));
    expect(routed.argv.join(' ')).toContain('--model opus');
  });

  test('root is refused the bypass, so it gets a list', async () => {
    const { argv } = await begin({ isRoot: true }).prepare(run());
    expect(argv.slice(argv.indexOf('--permission-mode'), -1)).toEqual(['--permission-mode', 'dontAsk']);
    expect(argv.at(-1)).toMatch(/^--allowedTools=Bash,Read,Write,Edit,/);
    const plan = await agentBenchWith({ isRoot: true, permissionMode: 'acceptEdits' });
    expect(plan).toContain('--permission-mode acceptEdits');
    expect(plan).not.toContain('--allowedTools');
  });

  test('a resumed run names the conversation and is told only what is new', async () => {
    const resumes = { run: 'w-000001', session: 's', message: 'The checks are red.', because: null } as const;
    const { argv, stdin } = await begin().prepare(run({ resumes }));
    expect(argv.join(' ')).toContain(`--resume ${run().session} `);
    expect(argv).not.toContain('--session-id');
    expect(JSON.parse(stdin.prompt)).toMatchObject({ message: { content: [{ text: 'The checks are red.' }] } });
  });

  test('what persons said before it was launched comes with its first message; what comes later does not', async () => {
    const tell = { id: 1, uuid: 'u', text: 'Use tabs.', at: 0, saidAt: null };
    const resumes = { run: 'w-000001', session: 's', message: 'Go on.', because: null } as const;
    const tells = [
      { ...tell, via: 'prompt' as const },
      { ...tell, text: 'later', via: 'input' as const },
    ];
    const { stdin } = await begin().prepare(run({ resumes, tells }));
    expect(JSON.parse(stdin.prompt)).toMatchObject({ message: { content: [{ text: 'Go on.\n\nA person adds:\nUse tabs.' }] } });
  });

  test('a message has a name; another agent takes none', () => {
    const agents = createAgents(() => begin().settings, issueTexts);
    expect(JSON.parse(agents.message(run(), 'Use\ntabs.', 'u') ?? '')).toEqual({
      type: 'user',
      message: { role: 'user', content: [{ type: 'text', text: 'Use\ntabs.' }] },
      uuid: 'u',
    });
    expect(agents.message(commandRun(), 'x', 'u')).toBeNull();
  });

  test('the stop flag is raised in the run’s own folder', async () => {
    const { settings } = begin();
    const agents = createAgents(() => settings, issueTexts);
    await agents.forbidTools(run());
    expect(lstatSync(join(bench.root, '.tac8/runs/w-1d3d59/stop-flag')).isFile()).toBe(true);
    await agents.forbidTools(commandRun({ id: 'w-222222' }));
    expect(() => lstatSync(join(bench.root, '.tac8/runs/w-222222'))).toThrow(/ENOENT/);
  });

  async function agentBenchWith(over: Partial<AgentSettings>): Promise<string> {
    await bench.close();
    return (await begin(over).prepare(run())).argv.join(' ');
  }
});

describe('the environment', () => {
  const machine = {
    PATH: '/bin',
    HOME: '/home/ada',
    SSH_AUTH_SOCK: '/s',
    GITHUB_TOKEN: 'secret',
    GH_TOKEN: 'secret',
    NODE_OPTIONS: '-r x',
    ANTHROPIC_API_KEY: 'k',
    USER: 'ada',
  };

  test('is what the lists name, and no login', async () => {
    const { env } = await begin({ machine, env: ['ANTHROPIC_API_KEY', 'NOT_SET'] }).prepare(run());
    const home = join(bench.root, '.tac8/homes/gh-450');
    expect(env).toEqual({
      ...{
        PATH: '/bin',
        USER: 'ada',
        LANG: 'C.UTF-8',
        TERM: 'dumb',
        ANTHROPIC_API_KEY: 'k',
        HOME: home,
        TAC8_TASK: 'gh-450',
        TAC8_PORT: '24500',
      },
      ...{
        GH_CONFIG_DIR: join(home, 'gh'),
        GIT_CONFIG_GLOBAL: join(bench.root, '.tac8/gitconfig'),
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_TERMINAL_PROMPT: '0',
      },
      ...{ GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'credential.helper', GIT_CONFIG_VALUE_0: '' },
      ...{ CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', DISABLE_AUTOUPDATER: '1', CLAUDE_CODE_MAX_RETRIES: '4' },
    });
    expect(statSync(join(home, 'gh')).isDirectory()).toBe(true);
  });

  test('a home holds the agent’s own login and nothing else of the person’s', async () => {
    begin();
    mkdirSync(join(bench.settings.home, '.claude'));
    writeFileSync(join(bench.settings.home, '.claude.json'), '{}');
    mkdirSync(join(bench.settings.home, '.ssh'));
    const { env } = await bench.prepare(run());
    const home = env.HOME ?? '';
    expect(readlinkSync(join(home, '.claude'))).toBe(join(bench.settings.home, '.claude'));
    expect(() => lstatSync(join(home, '.ssh'))).toThrow(/ENOENT/);
    // Again, with what the agent may have made of it.
    await bench.prepare(run());
    expect(readlinkSync(join(home, '.claude.json'))).toBe(join(bench.settings.home, '.claude.json'));
  });

  test('commits bear our name, whatever characters it has', async () => {
    const author = async () => ({ name: 'A "B" \\C', email: 'a@localhost' });
    const { env } = await begin({ author, kind: 'command', command: ['git', 'config', '-l'] }).prepare(commandRun());
    const config = readFileSync(env.GIT_CONFIG_GLOBAL ?? '', 'utf8');
    expect(config).toContain('name = "A \\"B\\" \\\\C"');
    const started = await bench.start(commandRun());
    expect(await started.exited).toBe(0);
    expect(readFileSync(started.launch.log, 'utf8')).toContain('user.name=A "B" \\C\n');
  });
});

describe('a command', () => {
  test('gets no variable that is another agent’s', async () => {
    const { env } = await begin({ kind: 'command', command: ['agent'], machine: { CLAUDE_CODE_MAX_RETRIES: '9' } }).prepare(commandRun());
    expect(Object.keys(env).filter((name) => /CLAUDE|AUTOUPDATER/.test(name))).toEqual([]);
  });

  test('of another version, of which this one knows nothing, is not launched', async () => {
    const unknown = run({ agent: { kind: 'later', can: CLAUDE, model: null } });
    await expect(begin().prepare(unknown)).rejects.toMatchObject({ sort: 'terminal', message: expect.stringContaining('later') });
    const agents = createAgents(() => bench.settings, issueTexts);
    expect([agents.interrupt(unknown), agents.message(unknown, 'x', 'u')]).toEqual([null, null]);
    await agents.forbidTools(unknown);
  });

  test('each element is one argument, whatever the issue says', async () => {
    const command = [
      'agent',
      '--prompt={{ prompt }}',
      '{{ prompt_file }}',
      '{{ task }}/{{ run }}/{{ branch }}/{{ issue }}/{{ model }}',
      '{{ worktree }}',
    ];
    const { argv, stdin } = await begin({ kind: 'command', command, model: 'm1' }).prepare(commandRun(), issue(NASTY, { title: NASTY }));
    expect(argv).toHaveLength(5);
    expect(argv[1]).toContain('$(rm -rf ~) `x` {{ env.HOME }} {% raw %}');
    expect(argv.join('')).not.toContain('\0');
    expect(argv.slice(2)).toEqual([
      join(bench.root, '.tac8/runs/w-1d3d59/prompt.md'),
      'gh-450/w-1d3d59/auto/gh-450/450/m1',
      bench.worktree,
    ]);
    expect(argv[1]).toBe(`--prompt=${stdin.prompt}`);
    expect(stdin.kind).toBe('file');
  });

  test('an unknown placeholder is named with its place', async () => {
    const { prepare } = begin({ kind: 'command', command: ['agent', '{{ promt }}'] });
    await expect(prepare(commandRun())).rejects.toThrow(/agent\.command\[1\].*promt/);
    await expect(prepare(commandRun())).rejects.toMatchObject({ sort: 'terminal' });
  });

  test('its output is followed, and knows no interrupt', async () => {
    const script = 'read -r first; echo "got $first"; echo $TAC8_PORT; git config user.name; exit 3';
    const started = await begin({ kind: 'command', command: ['/bin/sh', '-c', script] }).start(commandRun());
    expect(await started.exited).toBe(3);
    expect(await started.facts()).toMatchObject({ events: 3, activity: 'tac8 worker', result: null });
    expect(readFileSync(started.launch.log, 'utf8')).toContain('got You work alone');
    expect(createAgents(() => bench.settings, issueTexts).interrupt(commandRun())).toBeNull();
  });
});

describe('the template', () => {
  const prepare = async (template: string, from = issue('body')): Promise<string> => {
    writeFileSync(join(begin().root, 'worker_template.md'), template);
    return (JSON.parse((await bench.prepare(run({ attempt: 2 }), from)).stdin.prompt) as { message: { content: [{ text: string }] } })
      .message.content[0].text;
  };

  test('has the variables that are promised', async () => {
    const text = await prepare(
      '{{ issue.number }} {{ issue.title }} {{ issue.url }} {{ issue.labels | join: "," }} {{ issue.author }} {{ task.id }} {{ task.title }} {{ task.priority }} {{ branch }} {{ base_branch }} {{ attempt }} {{ previous_failure }}|{{ issue.body }}',
    );
    expect(text).toMatch(
      /^450 Add LED blink example https:\/\/github.com\/acme\/widgets\/issues\/450 rpi-auto ada gh-450 Add LED blink example 2 auto\/gh-450 main 2 \|<<<ISSUE-TEXT-1 .*\nTitle: Add LED blink example\n\nbody\nISSUE-TEXT-1>>>$/,
    );
  });

  test.each([
    ['an unknown variable', 'a\nb {{ isue.title }}', /worker_template\.md: .*isue.*line:2/],
    ['an unknown field', '{{ issue.tittle }}', /issue\.tittle/],
    ['an unknown filter', '{{ issue.title | shout }}', /shout/],
    ['an unknown tag', '{% include "x" %}{% nope %}', /nope/],
    ['a tag that is not closed', '{% if issue %}x', /if/],
    ['a file', '{% include "/etc/passwd" %}', /passwd/],
    ['an endless loop', '{% for i in (1..100000000) %}x{% endfor %}', /worker_template\.md/],
  ])('%s: a terminal error that names it', async (_what, template, words) => {
    const error = await prepare(template).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(PortError);
    expect(error).toMatchObject({ sort: 'terminal', message: expect.stringMatching(words) });
    expect((error as PortError).message).not.toContain('\n');
  });

  test('the issue’s text is never a template', async () => {
    expect(await prepare('{{ issue.body }}', issue('{{ nope }} {% nope %}'))).toContain('{{ nope }} {% nope %}');
  });

  test('a local task has no issue', async () => {
    writeFileSync(join(begin().root, 'worker_template.md'), '{% if issue %}no{% else %}{{ task.title }}{% endif %}');
    const agents = createAgents(() => bench.settings, issueTexts);
    const launch = await agents.prepare(task({ id: 'local-1', title: 'Tidy' }), run({ task: 'local-1' }), null, {
      path: bench.worktree,
      baseCommit: 'a',
    });
    expect(launch.stdin.prompt).toContain('"text":"Tidy"');
  });
});

describe('follow', () => {
  test('before there is a log nothing was said; a log that vanishes later is an error', async () => {
    const { settings } = begin();
    const agents = createAgents(() => settings, issueTexts);
    expect(await agents.follow(run(), 0)).toEqual(run().stream);
    await expect(agents.follow(run({ stream: { ...run().stream, offset: 10 } }), 0)).rejects.toMatchObject({
      name: 'PortError',
      sort: 'unknown',
    });
  });
});
