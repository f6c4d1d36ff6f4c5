import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createBoard } from '../../adapters/board/index.ts';
import { canTellPeers } from '../../adapters/door/peer.ts';
import { refusalOf } from '../../adapters/git/view/layout.ts';
import { sharedKeys } from '../../adapters/git/view/logins.ts';
import { createLabel, examineForge } from '../../adapters/github/examine.ts';
import { askProgram } from '../../adapters/machine/ask-program.ts';
import { canUseProxies, proxyIn, useProxies } from '../../adapters/machine/proxies.ts';
import { availableMemory } from '../../adapters/machine/readings.ts';
import { createWorkers } from '../../adapters/process/workers.ts';
import { guidanceFiles } from '../../agents/ground/guidance.ts';
import { type PromptVariables, promptVariables, tell } from '../../agents/ground/prompt.ts';
import { readTemplate } from '../../agents/ground/prompt-parts.ts';
import { GUIDANCE, kindOf } from '../../agents/kinds.ts';
import { agentSettings } from '../../compose/agents.ts';
import { forgeAccess } from '../../compose/forge-access.ts';
import { headNames } from '../../compose/forge-address.ts';
import { SILENT } from '../../compose/log.ts';
import { personalKeys } from '../../compose/remote/meaning.ts';
import { chooseSandbox } from '../../compose/sandbox/sandbox.ts';
import type { Settings } from '../../config/settings.ts';
import { ATTEMPTS, DOZEN, tryEscapes } from '../../escape/escapes.ts';
import { originUrl } from '../../place/origin.ts';
import { refusesOwner } from '../../place/place.ts';
import { about, type Check, type Finding } from '../finding/finding.ts';
import type { Environment, Patient } from '../finding/patient.ts';
import { checkDisk, checkMemory } from '../finding/room.ts';
import { type AgentPort, checkAgent, checkLogin, checkServers, checkTold, judgeProbe, type ToldPort } from './agent.ts';
import { checkTemplate } from './configuration.ts';
import { judgeForge } from './forge.ts';
import { checkContainment, checkExchange, checkPersons } from './machine.ts';
import { judgeNetwork } from './network.ts';
import { probeAgent } from './probe-agent.ts';
import { checkReach, checkRemote, remoteAt } from './remote.ts';
import { checkFilters, checkHooks, checkRepository } from './repository.ts';
import { SAMPLE_ISSUE, SAMPLE_RUN, SAMPLE_TASK } from './samples.ts';
import { checkSandbox } from './sandbox.ts';

/** Everything about the repository, the agent and the forge. Without sound settings, what depends on them is unknown. */
export function projectChecks(patient: Patient): readonly Check[] {
  const { place, settings, env } = patient;
  const { root, state } = place;
  const out: Check[] = [
    { name: 'containment', limit: 30_000, look: async () => checkContainment(createWorkers({ runsDir: join(state, 'runs') }).containment) },
    { name: 'persons', look: async () => checkPersons(canTellPeers()) },
    { name: 'board-exchange', look: () => lookAtExchange(place.board, state) },
  ];
  if (settings === null)
    return [
      ...['repository', 'remote', 'remote-login', 'network', 'filters', 'hooks', 'template', 'agent', 'sandbox', 'github', 'disk'].map(
        notWithoutConfig,
      ),
      ...out,
    ];
  const { minFreeDisk, minFreeMemory } = settings.limits;
  const path = env.PATH ?? '/usr/bin:/bin';
  return [
    {
      name: 'repository',
      look: () =>
        checkRepository({
          ...{ ask: askProgram, root, path, origin: originUrl(place.gitDir) },
          refusal: () =>
            refusalOf({
              root,
              gitDir: place.gitDir,
              isNew: true,
              branchPrefix: settings.branchPrefix,
              refusesOwner: () => refusesOwner(place),
            }),
        }),
    },
    { name: 'remote', look: () => checkRemote(place, settings, env) },
    { name: 'remote-login', limit: 40_000, look: () => checkReach(place, settings, env) },
    { name: 'network', look: () => lookAtNetwork(patient, settings) },
    { name: 'filters', look: () => checkFilters(root, place.gitDir, settings.git.filters) },
    { name: 'hooks', look: () => checkHooks(place.gitDir) },
    { name: 'template', look: async () => lookAtTemplate(root, Object.keys(settings.agents)) },
    ...agentChecks(patient, settings),
    { name: 'sandbox', limit: SANDBOX_LIMIT, look: () => lookAtSandbox(patient, settings) },
    { name: 'github', limit: 40_000, look: () => lookAtForge(patient, settings) },
    ...out,
    { name: 'disk', look: async () => checkDisk(diskOf(root), root, minFreeDisk) },
    { name: 'memory', look: async () => checkMemory(availableMemory(), minFreeMemory) },
  ];
}

/** All of them take minutes on a busy machine. */
const SANDBOX_LIMIT = 15 * 60_000;

async function lookAtSandbox({ escapes }: Patient, settings: Settings): Promise<readonly Finding[]> {
  const choice = chooseSandbox(settings);
  const image = choice.kind === 'bwrap' ? (choice.image?.name ?? null) : null;
  const tries = escapes === undefined ? null : () => tryEscapes(escapes === 'all' ? ATTEMPTS : DOZEN, image);
  return checkSandbox(() => choice, tries);
}

const notWithoutConfig = (name: string): Check => ({
  name,
  look: async () => [about(name, 'It depends on the settings.').unknown('not checked while tac8.yaml has mistakes')],
});

async function lookAtExchange(path: string, state: string): Promise<readonly Finding[]> {
  const board = createBoard({ path, dir: join(state, 'board') });
  try {
    return await checkExchange(board.capabilities);
  } finally {
    await board.close();
  }
}

/** For the agent under `agent`, and for each of the others with the parts of its own. */
function lookAtTemplate(root: string, profiles: readonly string[]): readonly Finding[] {
  const path = join(root, 'worker_template.md');
  const facts = {
    worktree: join(root, 'trees/gh-1'),
    baseBranch: 'main',
    previousFailure: 'timeout: 2h',
    verify: 'npm test',
    guidance: 'Be brief.',
  };
  const variables = (withIssue: boolean): PromptVariables =>
    promptVariables(SAMPLE_TASK, SAMPLE_RUN, withIssue ? SAMPLE_ISSUE : null, facts);
  const render = (withIssue: boolean): void => {
    for (const profile of [undefined, ...profiles]) tell(readTemplate(path, profile), variables(withIssue));
  };
  return checkTemplate(render, existsSync(path), namesIn(variables(true)));
}

/** `task`, `task.id`, … as a template would write them. */
function namesIn(value: object, before = ''): readonly string[] {
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? namesIn(inner, `${before}${name}.`) : [`${before}${name}`],
  );
}

/** Those of `agent:` under their plain names, those of each in `agents:` with its name behind. */
function agentChecks(patient: Patient, settings: Settings): readonly Check[] {
  const named = Object.entries(settings.agents).flatMap(([name, agent]) =>
    checksOf(patient, { ...settings, agent }).map((check) => ({
      ...check,
      name: `${check.name} ${name}`,
      look: async () => (await check.look()).map((finding) => ({ ...finding, check: `${finding.check} ${name}` })),
    })),
  );
  return [...checksOf(patient, settings), ...named];
}

function checksOf({ place, env, probe }: Patient, settings: Settings): readonly Check[] {
  const { command, env: passedOn } = settings.agent;
  const agent = kindOf(settings.agent);
  const port: AgentPort = {
    ask: askProgram,
    agent,
    command,
    passedOn,
    env,
    root: place.root,
    readHome: homeReader(env),
    platform: process.platform,
  };
  const told: ToldPort = {
    ...{ agent, env, root: place.root, servers: settings.agent.mcp, repoSettings: settings.agent.repoSettings },
    guidance: guidanceFiles(place.root, GUIDANCE),
    readsItself: agent.readsGuidance?.(agentSettings(place, settings, null, env)) ?? [],
  };
  const checks: Check[] = [
    { name: 'agent', look: () => checkAgent(port) },
    { name: 'agent-login', look: async () => checkLogin(port) },
    { name: 'agent-told', look: async () => checkTold(told) },
    ...(Object.keys(told.servers).length === 0 ? [] : [{ name: 'agent-mcp', look: async () => checkServers(told) }]),
  ];
  const asking = agent.health.probe;
  if (!probe || asking === undefined) return checks;
  const look = async (): Promise<readonly Finding[]> =>
    judgeProbe(await probeAgent(agent, asking, agentSettings(place, settings, null, env), askProgram), asking.judge);
  return [...checks, { name: 'agent-probe', limit: 70_000, look }];
}

function homeReader(env: Environment): AgentPort['readHome'] {
  const home = env.HOME ?? homedir();
  return (path) => {
    try {
      return readFileSync(join(home, path), 'utf8');
    } catch {
      return null; // not there, or not ours to read: no login for a worker either
    }
  };
}

async function lookAtNetwork({ place, env }: Patient, { agent, sandbox }: Settings): Promise<readonly Finding[]> {
  return judgeNetwork({
    ...{ env, proxy: proxyIn(env), canUseProxies, passedOn: agent.env, sandboxed: sandbox !== null && sandbox.kind !== 'none' },
    personal: await personalKeys(env),
    shared: await sharedKeys(place.gitDir),
  });
}

async function lookAtForge({ place, env, writes = false }: Patient, settings: Settings): Promise<readonly Finding[]> {
  const { origin, head: pushed } = await remoteAt(place, env);
  const access = forgeAccess(settings, origin, env, SILENT);
  if (access === null) {
    const { warn } = about('github', 'Issues are read there, and pulls and comments go there.');
    return [
      warn(
        'no GitHub repository: only tasks of tasks.md are worked on',
        'git remote add origin …, or write `repo: owner/name` into tac8.yaml',
      ),
    ];
  }
  const { label } = settings;
  const head = headNames(pushed, access.apiUrl);
  const isOther = head !== null && `${head.owner}/${head.name}`.toLowerCase() !== `${access.repo.owner}/${access.repo.name}`.toLowerCase();
  useProxies(env);
  const options = { ...access, writes, fork: isOther ? head : null, label, log: SILENT, timeoutMs: 10_000, now: Date.now };
  const repo = `${access.repo.owner}/${access.repo.name}`;
  const makeLabel = async (): Promise<string> => {
    await createLabel(options);
    return `the label ${label} is there`;
  };
  return judgeForge(
    await examineForge(options),
    { apiUrl: access.apiUrl, repo, label, tokenEnv: settings.github.tokenEnv },
    makeLabel,
    Date.now(),
  );
}

function diskOf(root: string) {
  const { type, bavail, bsize, files, ffree } = statfsSync(root);
  return { type, freeBytes: bavail * bsize, freeFiles: files === 0 ? null : ffree };
}
