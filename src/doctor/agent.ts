import { type Answered, type AskProgram, findProgram } from '../adapters/machine/ask-program.ts';
import { about, type Finding } from './finding.ts';

export interface AgentPort {
  readonly ask: AskProgram;
  readonly kind: 'claude' | 'command';
  readonly command: readonly [string, ...string[]];
  /** Names that are passed on to the agent. */
  readonly passedOn: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly root: string;
  /** The text of a file in the person's home, or null. */
  readonly readHome: (path: string) => string | null;
  readonly platform: string;
}

const WHY = 'It does the work.';

/** The agent's program is there and says its version. */
export async function checkAgent(port: AgentPort): Promise<readonly Finding[]> {
  const { ok, bad, warn } = about('agent', WHY);
  const [program] = port.command;
  const path = port.env.PATH ?? '/usr/bin:/bin';
  const found = findProgram(program, path, port.root);
  if (program.includes('{{')) return [about('agent', WHY).unknown(`${program} is known when a run starts`)];
  if (found === null) {
    const where = program.includes('/') ? `${program} is not there, or not executable` : `${program} is not on PATH ${path}`;
    return [
      bad(
        where,
        port.kind === 'claude'
          ? 'npm install -g @anthropic-ai/claude-code, or name it in tac8.yaml: agent.command'
          : 'correct agent.command in tac8.yaml',
      ),
    ];
  }
  if (port.kind !== 'claude') return [ok(found)];
  const said = await port.ask(found, ['--version'], { env: { PATH: path, HOME: '/nonexistent', LANG: 'C.UTF-8' }, timeoutMs: 10_000 });
  if (said.kind === 'ended' && said.code === 0) return [ok(`${found}: ${said.out.trim().split('\n')[0]?.slice(0, 80) ?? ''}`)];
  return [warn(`${found} --version ${wordsOf(said)}`, 'install it anew')];
}

/** Variables by which Claude Code logs in, or is sent to another provider. */
const LOGINS = [
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
  'CLAUDE_CODE_OAUTH_TOKEN',
  'CLAUDE_CODE_USE_BEDROCK',
  'CLAUDE_CODE_USE_VERTEX',
];

/** Whether a worker will have a login, as far as that can be seen without asking the model. */
export function checkLogin(port: AgentPort): readonly Finding[] {
  const { ok, bad, unknown } = about('agent-login', 'Without a login each run fails with auth_error, and the fleet is parked.');
  const isSet = (name: string): boolean => (port.env[name] ?? '') !== '';
  if (port.kind !== 'claude')
    return [...unset(port, isSet), unknown('how an agent of kind command logs in is not known here', 'try it by hand')];
  const given = LOGINS.find((name) => isSet(name) && port.passedOn.includes(name));
  if (given !== undefined) return [ok(`$${given} is set and passed on (\`tac8 doctor --probe\` tries it)`)];
  const kept = loginInHome(port.readHome);
  if (kept !== null) return [ok(`${kept} (\`tac8 doctor --probe\` tries it)`)];
  const held = LOGINS.find(isSet);
  if (held !== undefined) return [bad(`$${held} is set, but not passed on to the agent`, `add ${held} to agent.env in tac8.yaml`)];
  if (port.platform === 'darwin') return [unknown('a login may be in the keychain', 'tac8 doctor --probe')];
  return [bad('no login of Claude Code was found', 'export ANTHROPIC_API_KEY=…, or run `claude` once and log in')];
}

/** Named in agent.env and not set here: for an agent of one's own that may be meant, or forgotten. */
function unset({ passedOn }: AgentPort, isSet: (name: string) => boolean): readonly Finding[] {
  const { warn } = about('agent-env', 'The agent gets its environment from this one.');
  return passedOn
    .filter((name) => !isSet(name))
    .map((name) => warn(`$${name} is in agent.env and not set here`, `export ${name}=…, or take it out of agent.env`));
}

function loginInHome(readHome: AgentPort['readHome']): string | null {
  if (readHome('.claude/.credentials.json')?.includes('oauth') === true) return 'Claude Code is logged in (~/.claude/.credentials.json)';
  const settings = readHome('.claude/settings.json') ?? '';
  if (/"(apiKeyHelper|ANTHROPIC_API_KEY|ANTHROPIC_AUTH_TOKEN|CLAUDE_CODE_USE_(BEDROCK|VERTEX))"/.test(settings))
    return '~/.claude/settings.json names a login';
  return null;
}

/** One short question to the model, as a worker would ask it. It costs a few tokens. */
export function judgeProbe(said: Answered): readonly Finding[] {
  const { ok, bad, unknown } = about('agent-probe', 'A login that is there may be expired, without credit, or at its limit.');
  if (said.kind !== 'ended') return [unknown(`the agent ${wordsOf(said)}`)];
  const result = parse(said.out);
  if (result === null) return [bad(`the agent ${wordsOf(said)}`, 'run it by hand')];
  if (result.is_error !== true) return [ok('the model answers')];
  const words = String(result.result ?? result.subtype ?? '').slice(0, 200);
  return [bad(`the model refuses: ${words}`, 'log in anew: run `claude`, or set another ANTHROPIC_API_KEY')];
}

interface ProbeResult {
  readonly type: 'result';
  readonly is_error?: unknown;
  readonly result?: unknown;
  readonly subtype?: unknown;
}

const isResult = (value: unknown): value is ProbeResult =>
  typeof value === 'object' && value !== null && 'type' in value && value.type === 'result';

function parse(text: string): ProbeResult | null {
  try {
    const value: unknown = JSON.parse(text);
    return isResult(value) ? value : null;
  } catch {
    return null; // it said something else than a result
  }
}

function wordsOf(said: Answered): string {
  if (said.kind === 'late') return `did not answer within ${said.ms / 1000} s`;
  if (said.kind === 'not started') return `could not be started: ${said.why}`;
  const words = `${said.err}${said.out}`.trim().split('\n')[0]?.slice(0, 200) ?? '';
  return `ended with ${said.code}: ${words}`;
}
