import { knownOf } from '../../agents/known.ts';
import { DEFAULT_AGENT } from '../../core/agent/which.ts';
import { isRacerName } from '../../core/model/task.ts';
import { channelNames } from '../notify-settings.ts';
import type { Checked } from '../schema/schema.ts';
import type { Environment } from './environment.ts';
import type { Finding } from './problems.ts';

type Rule = (config: Checked, env: Environment) => Finding[];

/** What tac8 sets itself for each worker, so that nothing of the machine leaks into it. */
const OURS = new Set(['HOME', 'GH_CONFIG_DIR', 'GIT_CONFIG_GLOBAL', 'GIT_CONFIG_NOSYSTEM', 'SSH_AUTH_SOCK']);

/** What no single value shows: rules between settings. */
const RULES: readonly Rule[] = [
  imageIsNamed,
  commandIsNamed,
  serversAreTaken,
  agentsAreKnown,
  workerHoldsNoCredential,
  openServerHasToken,
  noticesHaveAnAddress,
  channelsDiffer,
  pingHasOneAddress,
];

export const checkRules: Rule = (config, env) => RULES.flatMap((rule) => rule(config, env));

interface Named {
  readonly path: readonly string[];
  readonly agent: Checked['agent'];
}

const agentsOf = ({ agent, agents }: Checked): readonly Named[] => [
  { path: ['agent'], agent },
  ...Object.entries(agents).map(([name, one]) => ({ path: ['agents', name], agent: one })),
];

function imageIsNamed({ sandbox }: Checked): Finding[] {
  if (sandbox === null || sandbox === undefined || (sandbox.kind === 'container') === (sandbox.image !== undefined)) return [];
  if (sandbox.kind === 'container')
    return [{ path: ['sandbox', 'image'], message: 'is missing: kind container needs the image that workers see' }];
  return [{ path: ['sandbox', 'image'], message: `counts with kind container alone, and kind is ${sandbox.kind}: leave it out` }];
}

function commandIsNamed(config: Checked): Finding[] {
  return agentsOf(config).flatMap(({ path, agent }) => {
    if (knownOf(agent).written.program !== null || agent.command !== undefined) return [];
    return [
      { path: [...path, 'command'], message: `is missing: kind ${agent.kind} needs the whole argv, such as [my-agent, "{{ prompt }}"]` },
    ];
  });
}

function serversAreTaken(config: Checked): Finding[] {
  return agentsOf(config).flatMap(({ path, agent }) => {
    const { servers } = knownOf(agent).written;
    if (Object.keys(agent.mcp).length === 0 || servers === 'yes' || (servers === 'with repo_settings' && agent.repo_settings)) return [];
    const message =
      servers === 'no'
        ? `kind ${agent.kind} takes no tool servers: leave it out`
        : `kind ${agent.kind} starts tool servers only where it trusts the repository: write repo_settings: true as well, and its own settings count`;
    return [{ path: [...path, 'mcp'], message }];
  });
}

function agentsAreKnown({ agent: common, agents, routes }: Checked): Finding[] {
  const taken = Object.hasOwn(agents, DEFAULT_AGENT)
    ? [{ path: ['agents', DEFAULT_AGENT], message: 'is the name of the one under agent: choose another' }]
    : [];
  const isOne = (name: string): boolean => name === DEFAULT_AGENT || Object.hasOwn(agents, name) || name === common.kind;
  const lost = routes.flatMap(({ when, agent, model, runs_on: runsOn, attempts }, n): Finding[] => {
    if (attempts !== undefined) {
      const other = [agent, model].some((one) => one !== undefined);
      if (other)
        return [{ path: ['routes', n, 'attempts'], message: 'each attempt has the model of its own agent: leave agent and model out' }];
      const wrong = attempts.race.filter((name) => !isOne(name)).map((name) => `${name} is not one of agents`);
      const odd = attempts.race
        .filter((name) => isOne(name) && !isRacerName(name))
        .map((name) => `${name} cannot be a part of a task’s name: call the agent otherwise`);
      const twice = new Set(attempts.race).size < attempts.race.length ? ['each agent once'] : [];
      return [...wrong, ...odd, ...twice].map((message) => ({ path: ['routes', n, 'attempts', 'race'], message }));
    }
    if (runsOn !== undefined && when.usd_left !== undefined)
      return [{ path: ['routes', n, 'runs_on'], message: 'does not go with when.usd_left: leave one of them out' }];
    if (agent === undefined)
      return model === undefined && runsOn === undefined
        ? [{ path: ['routes', n], message: 'needs an agent, a model, attempts or runs_on' }]
        : [];
    if (isOne(agent)) return [];
    return [{ path: ['routes', n, 'agent'], message: `${agent} is not one of agents` }];
  });
  return [...taken, ...lost];
}

/** Whatever runs in a worktree runs what a worker wrote there. */
function workerHoldsNoCredential(config: Checked): Finding[] {
  const { github, pulls, worktrees } = config;
  const tokens = new Set([github.token_env, 'GITHUB_TOKEN', 'GH_TOKEN']);
  const servers = agentsOf(config).flatMap(({ path, agent }) =>
    Object.entries(agent.mcp).map(([name, server]) => {
      const names = 'command' in server ? server.env : server.token_env === undefined ? [] : [server.token_env];
      return [[...path, 'mcp', name], names] as const;
    }),
  );
  const lists: readonly (readonly [readonly string[], readonly string[]])[] = [
    ...servers,
    ...agentsOf(config).map(({ path, agent }) => [path, agent.env ?? []] as const),
    [['worktrees'], worktrees.env],
    [['pulls'], pulls.env],
  ];
  const named = lists.flatMap(([path, names]) =>
    names.map((name, n) => ({ name, path: [...path, 'env', n], isAgents: path[0] === 'agent' || path[0] === 'agents' })),
  );
  return named.flatMap(({ name, path, isAgents }) => {
    if (OURS.has(name) || name.startsWith('TAC8_')) return [{ path, message: `${name} is set by tac8 for each worker: take it out` }];
    if (!tokens.has(name) || (isAgents && pulls.opened_by === 'worker')) return [];
    if (!isAgents) return [{ path, message: `${name} would hand the forge’s token to what a worker wrote: take it out` }];
    return [{ path, message: `${name} would hand the forge’s token to the worker: take it out, or write pulls.opened_by: worker` }];
  });
}

/** Whoever is let in from there is on this machine anyway. */
export const isThisMachine = (host: string): boolean => /^(127\.\d+\.\d+\.\d+|localhost|::1)$/.test(host);

function openServerHasToken({ http }: Checked, env: Environment): Finding[] {
  if (isThisMachine(http.host) || (env[http.token_env] ?? '') !== '') return [];
  const message = `${http.host} lets other machines in: set the environment variable ${http.token_env} to a token first, or write 127.0.0.1`;
  return [{ path: ['http', 'host'], message }];
}

function noticesHaveAnAddress({ notify }: Checked): Finding[] {
  return notify.flatMap(({ kind, url, url_env, command, token_env }, n): Finding[] => {
    const path = ['notify', n];
    const isOne = (url === undefined) !== (url_env === undefined);
    if (kind === 'command') {
      if (command === undefined) return [{ path, message: 'needs command, such as [./scripts/tell.sh]' }];
      return url === undefined && url_env === undefined ? [] : [{ path, message: 'kind command has no url: take it out' }];
    }
    if (command !== undefined) return [{ path, message: `kind ${kind} has no command: take it out, or write kind: command` }];
    if (token_env !== undefined && kind !== 'ntfy' && kind !== 'webhook')
      return [{ path, message: `kind ${kind} has no token_env: its address is its secret` }];
    return isOne ? [] : [{ path, message: 'needs one of url and url_env' }];
  });
}

/** `tac8 notify test --to` and the log name them. */
function channelsDiffer({ notify }: Checked): Finding[] {
  const names = channelNames(notify);
  return names.flatMap((name, n) =>
    names.indexOf(name) === n ? [] : [{ path: ['notify', n], message: `another place is called ${name}, too: give it a name` }],
  );
}

function pingHasOneAddress({ alerts }: Checked): Finding[] {
  const both = alerts.ping_url !== undefined && alerts.ping_url_env !== undefined;
  return both ? [{ path: ['alerts', 'ping_url_env'], message: 'ping_url is given, too: take one of them out' }] : [];
}
