import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { CLAUDE_VERSION, claudePath } from '../../../scripts/fetch/fetch-claude.ts';
import { CODEX_VERSION, codexPath } from '../../../scripts/fetch/fetch-codex.ts';
import { GEMINI_VERSION, geminiPath } from '../../../scripts/fetch/fetch-gemini.ts';
import { OPENCODE_VERSION, opencodePath } from '../../../scripts/fetch/fetch-opencode.ts';
import { type MockModel, startMockModel } from '../model/server.ts';
import type { Step } from '../model/steps.ts';
import { type Daemon, type Workplace, workplace } from '../world/daemon.ts';

const CACHE = join(import.meta.dirname, '../../../.cache');

/** A real agent as a test brings it: its program, and how it is sent to a model on loopback. */
export interface RealAgent {
  readonly kind: string;
  readonly version: string;
  /** How its model calls a tool of a tool server. */
  readonly toolOf: (server: string, tool: string) => string;
  /** It takes seconds of a processor to begin: only with TAC8_ALL_AGENTS are all cases tried on it. */
  readonly isHeavy: boolean;
  /** Where its provider stands in a file of the person's, which no box shows: how it is sent there in one. */
  readonly inBox?: { readonly settle: RealAgent['settle']; readonly model: string };
  /** It says that it tries again while it does. */
  readonly saysRetries: boolean;
  /** A command that the agent leaves running when it says its last words; left out: it waits for each of them. */
  readonly late?: (command: string) => Step;
  /** What is run; the last is the file that has to be there. */
  readonly command: readonly [string, ...string[]];
  /** Writes what it needs into the person's home; answers variables that it is given. */
  readonly settle: (home: string, url: string) => Readonly<Record<string, string>>;
  /** How its provider says that a limit ends then, and the login whose provider says so, where it is not the one above. */
  readonly limited: (at: number) => { readonly step: Step; readonly login?: Readonly<Record<string, string>> };
}

const codexConfig = (url: string): string => `model = "mock-model"
model_provider = "mock"
check_for_update_on_startup = false
[analytics]
enabled = false
[model_providers.mock]
name = "mock"
base_url = "${url}/v1"
env_key = "MOCK_KEY"
wire_api = "responses"
request_max_retries = 1
stream_max_retries = 1
`;

const MODEL = { name: 'mock-model', cost: { input: 3, output: 15 }, limit: { context: 200_000, output: 8192 } };
const opencodeConfig = (url: string): object => ({
  ...{ model: 'mock/mock-model', small_model: 'mock/mock-model' },
  provider: {
    mock: {
      ...{ npm: '@ai-sdk/openai-compatible', name: 'mock', models: { 'mock-model': MODEL } },
      options: { baseURL: `${url}/v1`, apiKey: 'fake-key-of-nobody' },
    },
  },
});

const GEMINI_SETTINGS = {
  security: { auth: { selectedType: 'gemini-api-key' } },
  privacy: { usageStatisticsEnabled: false },
  telemetry: { enabled: false },
};

export const REAL_AGENTS: readonly RealAgent[] = [
  {
    kind: 'claude',
    ...{ isHeavy: false, saysRetries: true, version: CLAUDE_VERSION },
    toolOf: (server, tool) => `mcp__${server}__${tool}`,
    late: (command) => ({ tool: 'Bash', input: { command, description: 'late work', run_in_background: true } }),
    command: [claudePath(CACHE)],
    settle: (_, url) => ({
      ...{ ANTHROPIC_API_KEY: 'sk-ant-fake-key-of-nobody', ANTHROPIC_BASE_URL: url },
      ...{ CLAUDE_CODE_MAX_RETRIES: '1', API_TIMEOUT_MS: '30000' },
    }),
    limited: (at) => ({
      login: { ANTHROPIC_API_KEY: '', CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-fake-login-of-nobody' },
      step: {
        error: 429,
        headers: {
          'anthropic-ratelimit-unified-status': 'rejected',
          'anthropic-ratelimit-unified-reset': String(at / 1000),
          'anthropic-ratelimit-unified-representative-claim': 'five_hour',
        },
      },
    }),
  },
  {
    kind: 'codex',
    ...{ isHeavy: false, saysRetries: true, version: CODEX_VERSION },
    toolOf: (server, tool) => `mcp__${server}:${tool}`,
    late: (command) => ({ tool: 'exec_command', input: { cmd: command, yield_time_ms: 1000 } }),
    command: [codexPath(CACHE)],
    settle: (home, url) => {
      mkdirSync(join(home, '.codex'), { recursive: true });
      writeFileSync(join(home, '.codex/config.toml'), codexConfig(url));
      return { MOCK_KEY: 'fake-key-of-nobody' };
    },
    limited: (at) => ({
      step: {
        ...{ error: 429, type: 'usage_limit_reached', message: 'The usage limit has been reached' },
        detail: { plan_type: 'pro', resets_at: at / 1000 },
        headers: {
          ...{ 'x-codex-primary-used-percent': '100', 'x-codex-primary-window-minutes': '300' },
          'x-codex-primary-reset-at': String(at / 1000),
        },
      },
    }),
  },
  {
    kind: 'opencode',
    ...{ isHeavy: true, saysRetries: true, version: OPENCODE_VERSION },
    inBox: {
      model: 'openai/gpt-4o',
      settle: (_, url) => ({ OPENAI_API_KEY: 'fake-key-of-nobody', OPENAI_BASE_URL: `${url}/v1`, OPENCODE_DISABLE_MODELS_FETCH: '1' }),
    },
    toolOf: (server, tool) => `${server}_${tool}`,
    command: [opencodePath(CACHE)],
    settle: (home, url) => {
      mkdirSync(join(home, '.config/opencode'), { recursive: true });
      writeFileSync(join(home, '.config/opencode/opencode.json'), JSON.stringify(opencodeConfig(url)));
      return { OPENCODE_DISABLE_MODELS_FETCH: '1' };
    },
    limited: (at) => ({ step: { error: 429, message: 'Too many requests', headers: { 'retry-after': new Date(at).toUTCString() } } }),
  },
  {
    kind: 'gemini',
    ...{ isHeavy: true, saysRetries: false, version: GEMINI_VERSION },
    toolOf: (server, tool) => `mcp_${server}_${tool}`,
    command: [process.execPath, geminiPath(CACHE)],
    settle: (home, url) => {
      mkdirSync(join(home, '.gemini'), { recursive: true });
      writeFileSync(join(home, '.gemini/settings.json'), JSON.stringify(GEMINI_SETTINGS));
      return { GEMINI_API_KEY: 'fake-key-of-nobody', GOOGLE_GEMINI_BASE_URL: url };
    },
    // It says a span, from its answer on: some seconds after the test knows the time.
    limited: (at) => ({
      step: {
        ...{ error: 429, message: 'You exceeded your current quota.' },
        detail: {
          details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${Math.round((at - Date.now()) / 1000)}s` }],
        },
      },
    }),
  },
];

export interface AgentScene {
  readonly place: Workplace;
  readonly model: MockModel;
  readonly task: string;
  readonly number: number;
  readonly tree: string;
  daemon: Daemon;
}

export function realAgent(kind: string): RealAgent {
  const agent = REAL_AGENTS.find((one) => one.kind === kind);
  if (agent === undefined) throw new Error(`no agent of the tests is called ${kind}`);
  const file = agent.command.at(-1) ?? '';
  if (!existsSync(file)) throw new Error(`${file} is missing: run \`node scripts/prepare-tests.ts\` (npm test does)`);
  return agent;
}

/** Settles the agent in the person's home, and answers its settings. `login`: in place of what it logs in with; an empty one is left out. */
export function settled(place: Workplace, agent: RealAgent, url: string, login: Readonly<Record<string, string>> = {}) {
  const all = { ...agent.settle(place.env.HOME ?? place.home, url), ...login };
  const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
  Object.assign(place.env, given);
  return { kind: agent.kind, command: agent.command, env: Object.keys(given) };
}

/** One labelled issue, and a daemon with this agent that has just been started on it. */
export async function agentScene(
  context: TestContext,
  agent: RealAgent,
  steps: readonly Step[],
  {
    limits = {},
    url,
    sandbox = 'none',
    profile = {},
    mcp = {},
    more = {},
    env = {},
    login = {},
  }: {
    readonly limits?: Readonly<Record<string, string | number>>;
    readonly url?: string;
    readonly sandbox?: 'none' | 'auto';
    readonly profile?: Readonly<Record<string, readonly string[]>>;
    readonly mcp?: Readonly<Record<string, object>>;
    /** Further settings of the agent. */
    readonly more?: Readonly<Record<string, unknown>>;
    readonly env?: Readonly<Record<string, string>>;
    /** In place of what it logs in with; an empty one is left out. */
    readonly login?: Readonly<Record<string, string>>;
  } = {},
): Promise<AgentScene> {
  const model = await startMockModel({ work: steps });
  context.onTestFinished(() => model.close());
  const place = await workplace(context);
  const its = settled(place, agent, url ?? `${model.url}/s/work`, login);
  Object.assign(place.env, env, { SECRET_OF_THE_MACHINE: 'hunter2' });
  place.configure({
    agent: { ...its, mcp, ...more },
    limits: { min_free_memory: '16MiB', min_free_disk: '16MiB', ...limits },
    sandbox: { kind: sandbox, profile },
    stop: { tool: '30s', interrupt: '3s', terminate: '3s', kill: '3s' },
  });
  const number = place.issue('Say hello', 'A file hello.txt that says hello.');
  const task = `gh-${number}`;
  return { place, model, task, number, tree: join(place.root, 'trees', task), daemon: place.start() };
}

/** Processes whose command has this in it, and whose working directory is the tree. */
export const processesOf = (program: string, tree: string): readonly number[] =>
  readdirSync('/proc').flatMap((name) => {
    try {
      const isIts = readlinkSync(`/proc/${name}/cwd`) === tree && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(program);
      return isIts ? [Number(name)] : [];
    } catch {
      return []; // no process, or ended
    }
  });
