import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Answered, type AskProgram, findProgram } from '../../adapters/machine/ask-program.ts';
import type { AgentKind, Verdict } from '../../agents/ground/kind.ts';
import type { ToolServer, ToolServers } from '../../agents/ground/mcp.ts';
import { about, type Finding } from '../finding/finding.ts';

export interface AgentPort {
  readonly ask: AskProgram;
  readonly agent: AgentKind;
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

/** The agent's program is there and says its version, where it knows that question. */
export async function checkAgent(port: AgentPort): Promise<readonly Finding[]> {
  const { ok, bad, warn } = about('agent', WHY);
  const { install, version } = port.agent.health;
  const [program] = port.command;
  const path = port.env.PATH ?? '/usr/bin:/bin';
  const found = findProgram(program, path, port.root);
  if (program.includes('{{')) return [about('agent', WHY).unknown(`${program} is known when a run starts`)];
  if (found === null) {
    const where = program.includes('/') ? `${program} is not there, or not executable` : `${program} is not on PATH ${path}`;
    return [bad(where, install)];
  }
  if (version === null) return [ok(found)];
  const said = await port.ask(found, [...version], { env: { PATH: path, HOME: '/nonexistent', LANG: 'C.UTF-8' }, timeoutMs: 10_000 });
  if (said.kind === 'ended' && said.code === 0) return [ok(`${found}: ${said.out.trim().split('\n')[0]?.slice(0, 80) ?? ''}`)];
  return [warn(`${found} ${version.join(' ')} ${wordsOf(said)}`, 'install it again')];
}

/** Whether a worker will have a login, as far as that can be seen without asking the model. */
export function checkLogin(port: AgentPort): readonly Finding[] {
  const { agent, passedOn, readHome, platform } = port;
  const isSet = (name: string): boolean => (port.env[name] ?? '') !== '';
  const verdict = ownOr(port, agent.health.login({ isSet, passedOn, readHome, platform }));
  const found = toFinding('agent-login', 'Without a login each run fails with auth_error, and the fleet is parked.', verdict);
  // Where nobody knows what the agent needs, each name that is listed may be it.
  return agent.health.knowsLogins ? [found] : [...unset(port, isSet), found];
}

/** A program of another name may log in by itself, or need no login. */
function ownOr({ agent, command }: AgentPort, verdict: Verdict): Verdict {
  const program = basename(command[0]);
  if (verdict.level !== 'bad' || agent.written.program === null || program.startsWith(agent.written.program)) return verdict;
  return { ...verdict, level: 'unknown', says: `${verdict.says}; ${program} may need none` };
}

function toFinding(check: string, why: string, { level, says, mend }: Verdict): Finding {
  const { ok, bad, unknown } = about(check, why);
  if (level === 'ok') return ok(says);
  return level === 'bad' ? bad(says, mend) : unknown(says, mend);
}

/** Named in agent.env and not set here: for an agent of one's own that may be meant, or forgotten. */
function unset({ passedOn }: AgentPort, isSet: (name: string) => boolean): readonly Finding[] {
  const { warn } = about('agent-env', 'The agent gets its environment from this one.');
  return passedOn
    .filter((name) => !isSet(name))
    .map((name) => warn(`$${name} is in agent.env and not set here`, `export ${name}=…, or take it out of agent.env`));
}

/** One short question to the model, as a worker would ask it. It costs a few tokens. */
export function judgeProbe(said: Answered, judge: (out: string) => Verdict | null): readonly Finding[] {
  const why = 'A login may be expired, without credit, or at its limit.';
  const { bad, unknown } = about('agent-probe', why);
  if (said.kind !== 'ended') return [unknown(`the agent ${wordsOf(said)}`)];
  const verdict = judge(said.out);
  return [verdict === null ? bad(`the agent ${wordsOf(said)}`, 'run it by hand') : toFinding('agent-probe', why, verdict)];
}

function wordsOf(said: Answered): string {
  if (said.kind === 'late') return `did not answer within ${said.ms / 1000} s`;
  if (said.kind === 'not started') return `could not be started: ${said.why}`;
  const words = `${said.err}${said.out}`.trim().split('\n')[0]?.slice(0, 200) ?? '';
  return `ended with ${said.code}: ${words}`;
}

export interface ToldPort {
  readonly agent: AgentKind;
  /** Files of guidance that stand in the repository, whichever agent they were written for. */
  readonly guidance: readonly string[];
  /** Of these the agent reads some by itself. */
  readonly readsItself: readonly string[];
  readonly repoSettings: boolean;
  readonly servers: ToolServers;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly root: string;
}

/** What the repository tells the agent, and how it reaches it. */
export function checkTold(port: ToldPort): readonly Finding[] {
  const { ok, warn } = about('agent-told', 'Agents follow what a repository says of itself, and its hooks and tool servers run programs.');
  const { agent, guidance, readsItself, repoSettings, root } = port;
  const own = guidance.filter((path) => readsItself.includes(path));
  const brought = guidance.filter((path) => !readsItself.includes(path));
  const words = [
    ...(own.length === 0 ? [] : [`the agent reads ${own.join(', ')} by itself`]),
    ...(brought.length === 0 ? [] : [`its prompt brings ${brought.join(', ')}`]),
  ];
  const settings = (agent.repoFiles ?? []).filter((path) => existsSync(join(root, path)));
  if (settings.length > 0 && agent.written.settings.repo_settings === undefined) words.push(`${settings.join(', ')}: not loaded`);
  else if (settings.length > 0 && !repoSettings) words.push(`${settings.join(', ')}: not loaded (repo_settings: false)`);
  const findings = words.length === 0 ? [] : [ok(words.join('; '))];
  if (settings.length === 0 || !repoSettings || agent.written.settings.repo_settings === undefined) return findings;
  const risk = `${settings.join(', ')}: loaded (repo_settings: true); what is in there runs without anyone being asked`;
  return [...findings, warn(risk, 'take repo_settings out of tac8.yaml, if you do not trust everyone who can change these files')];
}

/** The tool servers that the agent is given. */
export function checkServers({ servers, env, root }: ToldPort): readonly Finding[] {
  const { ok, bad, warn } = about('agent-mcp', 'The agent goes on without a tool server that does not start.');
  return Object.entries(servers).map(([name, server]) => {
    const missing = namesOf(server).filter((variable) => (env[variable] ?? '') === '');
    if (missing.length > 0)
      return warn(`the tool server ${name} needs ${missing.map((one) => `$${one}`).join(', ')}, not set here`, `export ${missing[0]}=…`);
    if (server.kind === 'web') return ok(`${name}: ${server.url}`);
    const found = findProgram(server.command[0], env.PATH ?? '/usr/bin:/bin', root);
    return found === null
      ? bad(`the tool server ${name}: ${server.command[0]} is not there, or not executable`, 'install it')
      : ok(`${name}: ${found}`);
  });
}

const namesOf = (server: ToolServer): readonly string[] =>
  server.kind === 'program' ? server.env : server.tokenEnv === null ? [] : [server.tokenEnv];
