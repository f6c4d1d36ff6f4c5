import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { databasePath } from './database-path.ts';
import { CONFIG_FILE } from './file.ts';
import { loadConfig, parseConfig } from './load.ts';
import { renderProblems } from './problems.ts';

const EXAMPLE = `
repo: acme/widgets             # default: read from the origin remote
label: rpi-auto
poll_interval: 30s
max_concurrent_workers: 3
base_branch: main
branch_prefix: auto/
github: { api_url: https://api.github.com, token_env: GITHUB_TOKEN }
agent:
  kind: claude
  command: [claude]
  model: sonnet
  env: [ANTHROPIC_API_KEY]
routes:
  - { when: { priority: 0 }, model: opus }
  - { when: { labels: [documentation] }, model: haiku }
limits: { run_time: 2h, silence: 15m, first_event: 2m, attempts: 3, turns: 200, tokens: 25M, usd_per_task: 10, usd_per_day: 100, log: 2GiB, min_free_memory: 1GiB, min_free_disk: 2GiB }
stop: { tool: 60s, interrupt: 5s, terminate: 5s, kill: 5s }
pulls: { opened_by: coordinator, draft: true, verify: ./scripts/check.sh }
worktrees: { dir: trees, setup: ./scripts/setup.sh, include: .worktreeinclude, save: [], keep_completed: 24h }
logs: { keep: 30d }
http: { host: 127.0.0.1, port: 4780, token_env: TAC8_TOKEN }
notify: [{ kind: slack, url_env: SLACK_WEBHOOK }, { kind: webhook, url: http://127.0.0.1:9/x }]
store: { url: sqlite:.tac8/tac8.db }
metrics: { file: adws/metrics.json }
`;

const settings = (text: string, env = {}) => {
  const loaded = parseConfig(text, env);
  if (!loaded.ok) throw new Error(renderProblems(loaded.problems));
  return loaded.config;
};
/** Each problem as `line:column path: message`. */
const complaints = (text: string, env = {}): string[] => {
  const loaded = parseConfig(text, env);
  return loaded.ok ? [] : loaded.problems.map(({ path, line, column, message }) => `${line}:${column} ${path}: ${message}`);
};

describe('what is accepted', () => {
  test('nothing at all means the defaults, and the full example states them', () => {
    const defaults = settings('');
    expect(settings('# only a comment\n')).toEqual(defaults);
    const { repo, baseBranch, agent, routes, pulls, worktrees, notify, ...same } = settings(EXAMPLE);
    expect(defaults).toMatchObject(same);
    expect([repo, baseBranch, agent.model]).toEqual(['acme/widgets', 'main', 'sonnet']);
    expect(routes).toEqual([
      { when: { priority: 0 }, model: 'opus' },
      { when: { labels: ['documentation'] }, model: 'haiku' },
    ]);
    expect([pulls.verify, worktrees.setup]).toEqual(['./scripts/check.sh', './scripts/setup.sh']);
    expect(notify).toEqual([
      { name: 'slack', kind: 'slack', url: { env: 'SLACK_WEBHOOK' }, rules: null, timeLimit: 10_000 },
      { name: 'webhook', kind: 'webhook', url: { value: 'http://127.0.0.1:9/x' }, token: null, rules: null, timeLimit: 10_000 },
    ]);
  });

  test('an empty entry is as good as none', () => {
    expect(settings('routes:\nlimits:\n  run_time:\n')).toEqual(settings(''));
  });

  test('units', () => {
    const { limits, pollInterval } = settings('poll_interval: 1h30m\nlimits: { tokens: 1.5M, turns: 7, log: 100MB, silence: 500m }');
    expect([pollInterval, limits.tokens, limits.turns, limits.log, limits.silence]).toEqual([
      5_400_000, 1_500_000, 7, 100_000_000, 30_000_000,
    ]);
  });

  test('agent.env: the key of claude by default, nothing for other programs', () => {
    expect(settings('').agent.env).toEqual(['ANTHROPIC_API_KEY']);
    expect(settings('agent: { kind: command, command: [x] }').agent.env).toEqual([]);
  });
});

describe('the environment', () => {
  test('is read where a value names it: as text, inside text, as a number, as yes or no', () => {
    const env = { LABEL: 'go', HOST: 'ghe.example', N: '5', DRAFT: 'false' };
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what a person writes in the file
    const text = 'label: $LABEL\nmax_concurrent_workers: ${N}\npulls: { draft: $DRAFT }\ngithub: { api_url: "https://$HOST/api/v3/" }\n';
    const { label, maxConcurrentWorkers, pulls, github } = settings(text, env);
    expect([label, maxConcurrentWorkers, pulls.draft, github.apiUrl]).toEqual(['go', 5, false, 'https://ghe.example/api/v3']);
  });

  test('a text stays a text where a text is wanted', () => {
    expect(settings('label: $L', { L: '12' }).label).toBe('12');
  });

  test('commands keep their dollars, $$ is one elsewhere', () => {
    const text = 'label: a$$b\nagent: { kind: command, command: [sh, -c, "echo $HOME"] }\npulls: { verify: test "$CI" }';
    const { label, agent, pulls } = settings(text);
    expect([label, agent.command[2], pulls.verify]).toEqual(['a$b', 'echo $HOME', 'test "$CI"']);
  });

  test('a variable that is not set is said once, with its place', () => {
    expect(complaints('label: x\nmax_concurrent_workers: $NOPE\nagent: { env: [$MISSING, FINE] }')).toEqual([
      '2:1 max_concurrent_workers: $NOPE: the environment variable NOPE is not set (write $$ for a dollar sign)',
      '3:16 agent.env[0]: $MISSING: the environment variable MISSING is not set (write $$ for a dollar sign)',
    ]);
  });

  test('a wrong value from it is named by the variable, not repeated', () => {
    expect(complaints('poll_interval: $P', { P: 'hunter2' })).toEqual([
      '1:1 poll_interval: $P is not allowed: write a duration with its unit, such as 500ms, 30s, 15m, 2h or 7d',
    ]);
  });
});

describe('what is refused', () => {
  test('all mistakes at once, each with its place, the value and what is allowed', () => {
    const text = [
      'max_workers: 4',
      'poll_interval: 30',
      'limits:',
      '  run-time: 2h',
      '  tokens: lots',
      'agent: { kind: hal }',
      'routes:',
      '  - when: { priority: 7 }',
      'pulls: yes please',
    ].join('\n');
    expect(complaints(text)).toEqual([
      '1:1 max_workers: unknown name; did you mean max_concurrent_workers?',
      '2:1 poll_interval: 30 is not allowed: write a duration with its unit, such as 500ms, 30s, 15m, 2h or 7d',
      '4:3 limits.run-time: unknown name; did you mean run_time?',
      '5:3 limits.tokens: lots is not allowed: write a whole number from 1 up, also written 500k or 25M',
      '6:10 agent.kind: hal is not allowed: write claude or codex or opencode or gemini or acp or command',
      '8:13 routes[0].when.priority: 7 is not allowed: write a whole number from 0 to 3',
      '9:1 pulls: yes please is not allowed: write names with values below it',
    ]);
  });

  test.each([
    ['attempts: 3', 'attempts: unknown name; did you mean limits.attempts?'],
    ['limits: { label: x }', 'limits.label: unknown name; did you mean label?'],
    ['pollInterval: 3s', 'pollInterval: unknown name; did you mean poll_interval?'],
    ['xyzzy: 3', 'xyzzy: unknown name'],
    ['repo: widgets', 'repo: widgets is not allowed: write a repository as owner/name, such as acme/widgets'],
    ['label: a,b', 'label: a,b is not allowed: write the name of one label, without a comma'],
    ['label: ""', 'label:  is not allowed: write the name of one label, without a comma'],
    ['max_concurrent_workers: 0', 'max_concurrent_workers: 0 is not allowed: write a whole number from 1 to 1000'],
    ['max_concurrent_workers: "5"', 'max_concurrent_workers: 5 is not allowed: write a whole number from 1 to 1000'],
    ['max_concurrent_workers: 2.5', 'max_concurrent_workers: 2.5 is not allowed: write a whole number from 1 to 1000'],
    ['poll_interval: 0s', 'poll_interval: 0s is not allowed: write a duration of at least 100ms'],
    ['limits: { usd_per_day: 0 }', 'limits.usd_per_day: 0 is not allowed: write dollars as a number above 0, such as 10 or 2.50'],
    ['limits: { log: 2 GiB }', 'limits.log: 2 GiB is not allowed: write a size with its unit, such as 512MiB, 2GiB or 100MB'],
    ['branch_prefix: "-x/"', 'branch_prefix: -x/ is not allowed: write the start of a branch name, such as auto/ or bots/tac8-'],
    ['branch_prefix: a..b', 'branch_prefix: a..b is not allowed: write the start of a branch name, such as auto/ or bots/tac8-'],
    ['store: { url: postgres://x }', 'store.url: postgres://x is not allowed: write sqlite:FILE, such as sqlite:.tac8/tac8.db'],
    ['notify: [{ kind: webhook }]', 'notify[0]: needs one of url and url_env'],
    ['agent: { kind: command }', 'agent.command: is missing: kind command needs the whole argv, such as [my-agent, "{{ prompt }}"]'],
    ['agent: { env: [HOME] }', 'agent.env[0]: HOME is set by tac8 for each worker: take it out'],
    [
      'http: { host: 0.0.0.0 }',
      'http.host: 0.0.0.0 lets other machines in: set the environment variable TAC8_TOKEN to a token first, or write 127.0.0.1',
    ],
    ['- a\n- b', ': settings are written as `name: value`, one below the other'],
    ['just words', ': settings are written as `name: value`, one below the other'],
  ])('%s', (text, complaint) => {
    expect(complaints(text).map((line) => line.replace(/^\S+ /, ''))).toEqual([complaint]);
  });

  test.each(['/abs', '../up', 'a/../../b', '.', '.git/x', '.tac8/trees', 'a//b'])('worktrees.dir %s', (dir) => {
    expect(complaints(`worktrees: { dir: "${dir}" }`)).toHaveLength(1);
    expect(settings('worktrees: { dir: build/trees/ }').worktrees.dir).toBe('build/trees');
  });

  test('the forge’s token for the worker, unless the worker opens the pulls', () => {
    const text = 'github: { token_env: MY_TOKEN }\nagent: { env: [MY_TOKEN, GH_TOKEN] }\n';
    expect(complaints(text)).toHaveLength(2);
    expect(settings(`${text}pulls: { opened_by: worker }`).agent.env).toEqual(['MY_TOKEN', 'GH_TOKEN']);
  });

  test('a token in place of its variable’s name, without repeating it', () => {
    const [complaint] = complaints('github: { token_env: ghp_abcdefghijklmnopqrstuvwxyz }');
    expect(complaint).toContain('github.token_env: (a secret) is not allowed');
    expect(complaint).not.toContain('ghp_');
  });

  test('rules between sound sections are told beside mistakes elsewhere', () => {
    expect(complaints('agent: { kind: command }\npoll_interval: x').map((line) => line.split(' ')[1])).toEqual([
      'agent.command:',
      'poll_interval:',
    ]);
  });

  test('YAML that is none, with line and column', () => {
    expect(complaints('label: x\nlabel: y')[0]).toBe('2:1 : not valid YAML: Map keys must be unique');
    expect(complaints('a: [1, 2\nb: 3')[0]).toMatch(/^2:1 : not valid YAML: /);
    expect(complaints('label: *nowhere')[0]).toMatch(/not valid YAML: .*nowhere/);
  });

  test('any text at all gives settings or problems, and never throws', () => {
    const pieces = fc.constantFrom(
      'label',
      ': ',
      '\n',
      '  ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '&a',
      '*a',
      '<<',
      '"',
      "'",
      '|',
      '>',
      '$X',
      '__proto__',
      'limits',
      'routes',
      'null',
      '1',
      '#',
      '\t',
      '---',
      '?',
      '!!map',
      '\u0000',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (any) => typeof parseConfig(any, {}).ok === 'boolean'),
      { numRuns: 1_000 },
    );
  });
});

describe('the file', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'tac8-config-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));
  const problems = () => {
    const loaded = loadConfig(root, {});
    return loaded.ok ? null : renderProblems(loaded.problems);
  };

  test('missing: the defaults', () => {
    expect(loadConfig(root, {})).toEqual(parseConfig('', {}));
  });

  test('with a byte order mark and CRLF', () => {
    writeFileSync(join(root, CONFIG_FILE), '\ufefflabel: a\r\npoll_interval: 1m\r\n');
    expect(loadConfig(root, {})).toMatchObject({ ok: true, config: { label: 'a', pollInterval: 60_000 } });
  });

  test('three mistakes are rendered with their places', () => {
    writeFileSync(join(root, CONFIG_FILE), 'lable: x\nlimits:\n  silence: 5\n  log: big\n');
    expect(problems()).toBe(
      [
        'tac8.yaml has 3 problems:',
        '  line 1:1  lable: unknown name; did you mean label?',
        '  line 3:3  limits.silence: 5 is not allowed: write a duration with its unit, such as 500ms, 30s, 15m, 2h or 7d',
        '  line 4:3  limits.log: big is not allowed: write a size with its unit, such as 512MiB, 2GiB or 100MB',
      ].join('\n'),
    );
  });

  test('under another ending, or not a file: says so', () => {
    writeFileSync(join(root, 'tac8.yml'), 'label: x');
    expect(problems()).toBe('tac8.yaml has 1 problem:\n  is not there, but tac8.yml is: rename it to tac8.yaml');
    mkdirSync(join(root, CONFIG_FILE));
    expect(problems()).toContain('is no plain file');
  });

  test('the path of the database, without loading the rest where nothing names it', async () => {
    const path = { ok: true, path: join(root, '.tac8/tac8.db') };
    expect(await databasePath(root, {})).toEqual(path);
    writeFileSync(join(root, CONFIG_FILE), 'poll_interval: nonsense');
    expect(await databasePath(root, {})).toEqual(path);
    writeFileSync(join(root, CONFIG_FILE), '"\\x73tore": { url: "sqlite:state/x.db" }');
    expect(await databasePath(root, {})).toEqual({ ok: true, path: join(root, 'state/x.db') });
    writeFileSync(join(root, CONFIG_FILE), 'store: { url: mysql }');
    expect(await databasePath(root, {})).toMatchObject({ ok: false, problems: [{ path: 'store.url' }] });
  });
});
