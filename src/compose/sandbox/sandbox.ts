import { closeSync, constants, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createEgress, type Egress, TRUST } from '../../adapters/egress/egress.ts';
import { whyNoBox } from '../../adapters/process/box/bwrap.ts';
import { readInBox } from '../../adapters/process/box/reading.ts';
import { EGRESS_INSIDE } from '../../adapters/process/box/view.ts';
import type { JobBox } from '../../adapters/process/jobs.ts';
import { boxOf } from '../../adapters/sandbox/box-of.ts';
import { type Image, imageCalled } from '../../adapters/sandbox/image.ts';
import { npmRegistry } from '../../adapters/sandbox/npm-registry.ts';
import { isWithin, scriptsIn } from '../../adapters/sandbox/programs.ts';
import { homeOf } from '../../agents/ground/environment.ts';
import { hostsOf } from '../../agents/ground/mcp.ts';
import type { AgentSettings } from '../../agents/ground/settings.ts';
import { kindOf } from '../../agents/kinds.ts';
import { makeSurroundings } from '../../agents/surroundings.ts';
import type { Reach, SandboxSettings, Settings } from '../../config/settings.ts';
import { isTaskId, type TaskId } from '../../core/model/task.ts';
import { parseAuthority, written } from '../../egress/authority.ts';
import type { Launch } from '../../engine/ports/machine/workers.ts';
import type { Log } from '../../engine/ports/records/log.ts';
import { openPlainSync } from '../../files/open-plain.ts';
import { ownProgram } from '../../place/own-files.ts';
import { type Refusal, readRefusals } from '../../read/refused/refusals.ts';
import { composePrivateGit, type PrivateGit } from './private-git.ts';
import { DOOR, loginOf, servicesOf, textOf } from './services.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Whether workers get a sandbox, and where they do not, why. */
export type Choice =
  | { readonly kind: 'bwrap'; readonly profile: SandboxSettings; readonly image: Image | null }
  /** The settings say so, or (`chosen` false) say nothing. */
  | { readonly kind: 'none'; readonly chosen: boolean }
  /** The settings want one and none works here: nothing may start. */
  | { readonly kind: 'refused'; readonly why: string };

/** All that may be chosen. */
const agentsOf = ({ agent, agents }: Pick<Settings, 'agent' | 'agents'>) => [agent, ...Object.values(agents)];

export function chooseSandbox({ sandbox }: Pick<Settings, 'sandbox'>): Choice {
  if (sandbox === null || sandbox.kind === 'none') return { kind: 'none', chosen: sandbox !== null };
  const image = sandbox.kind === 'container' ? imageCalled(sandbox.image ?? '', join(homedir(), '.cache/tac8/images')) : null;
  if (typeof image === 'string') return { kind: 'refused', why: image };
  const why = whyNoBox(image?.system);
  return why === null ? { kind: 'bwrap', profile: sandbox, image } : { kind: 'refused', why };
}

/** For people who start it: what to do where the settings want a sandbox and none works. */
export const refusal = (why: string): string =>
  `tac8.yaml wants a sandbox for the workers, and none works here: ${why}. Write sandbox: { kind: none } to let them run without one`;

export interface Place {
  readonly root: string;
  readonly gitDir: string;
  readonly state: string;
}

export interface Sandbox {
  readonly egress: Egress;
  /** What the worker of the agent under `agent` sees of its services' logins: each variable and what stands in it. */
  readonly inside: Readonly<Record<string, string>>;
  /** The hosts of an agent; of a setup and a check where they have lists of their own. */
  readonly reaches: {
    readonly agent: readonly string[];
    readonly setup: readonly string[] | null;
    readonly verify: readonly string[] | null;
  };
  /** Names of variables that hold a login and stay outside. */
  readonly outside: readonly string[];
  /** The folders of git in the boxes. */
  readonly boxes: PrivateGit;
  /** `beside`: another box of the task may be at work. */
  wrap(launch: Launch, beside?: boolean): Promise<Launch>;
  /** What runs beside an agent: setup and checks. They are given no login, and see the script that they begin with. */
  readonly beside: JobBox;
}

const CERTIFICATES = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'GIT_SSL_CAINFO'] as const;

/** What names all certificates that a program trusts, one variable a tool; the first one adds to its own. */
const TRUSTED = [...CERTIFICATES, 'PIP_CERT', 'CARGO_HTTP_CAINFO', 'AWS_CA_BUNDLE'];
/** Where systems keep the certificates that they trust. */
const BUNDLES = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/cert.pem'];

/** What programs read to find the way out; none of them needs a name looked up. */
const PROXY: Readonly<Record<string, string>> = {
  ...Object.fromEntries(['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'].map((name) => [name, DOOR])),
  ...{ NO_PROXY: 'localhost,127.0.0.1,::1', no_proxy: 'localhost,127.0.0.1,::1' },
  ...{ NODE_USE_ENV_PROXY: '1', NODE_USE_SYSTEM_CA: '1', TMPDIR: '/var/tmp', USER: 'worker' },
};

/** The box of every worker, and the way out that they share. `replaces`: this is the daemon, whose settings and logins count. */
export function composeSandbox(
  { root, gitDir, state }: Place,
  settings: Settings,
  { profile, image }: { readonly profile: SandboxSettings; readonly image: Image | null },
  env: Environment,
  replaces: boolean,
  log?: () => Log,
): Sandbox {
  // Loaded now: a daemon whose package is taken away takes its workers' commits over all the same.
  const boxes = composePrivateGit(root, settings, log, readInBox);
  const home = env.HOME ?? homedir();
  const agents = new Map([[undefined, settings.agent] as const, ...Object.entries(settings.agents)]);
  const asking = [...agents].map(([name, agent]) => {
    const routes = kindOf(agent).routes((path) => textOf(join(home, path)));
    return [name, { routes, env: agent.env }] as const;
  });
  const servicesOfAgent = servicesOf(new Map(asking), env, home);
  const services = [...servicesOfAgent.values()].flat();
  const certificates = Object.fromEntries(CERTIFICATES.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name] ?? '']])));
  const logins = profile.logins.map((login) => loginOf(login, env));
  /** Where hosts are sent a login, their certificates are the way out's own. */
  const trusted = Object.fromEntries((logins.length === 0 ? [] : TRUSTED).map((name) => [name, join(EGRESS_INSIDE, TRUST)]));
  const registries = Object.assign({}, ...logins.map((login) => login.inside)) as Readonly<Record<string, string>>;
  const reachedBy = ({ hosts, npm }: Reach): readonly string[] =>
    npm ? [...hosts, ...npmRegistry(env.PATH ?? '/usr/bin:/bin', home)] : hosts;
  const egress = createEgress({
    dir: join(state, 'egress'),
    runsDir: join(state, 'runs'),
    program: ownProgram('egress/main'),
    routes: [...new Map(services.map(({ route }) => [JSON.stringify(route), route])).values()],
    hosts: reachedBy(profile),
    private: profile.private,
    logins: logins.map(({ sent }) => sent),
    trust: {
      all: ['SSL_CERT_FILE', 'CURL_CA_BUNDLE', 'REQUESTS_CA_BUNDLE'].flatMap((name) => env[name] ?? []).concat(BUNDLES),
      more: env.NODE_EXTRA_CA_CERTS === undefined ? [] : [env.NODE_EXTRA_CA_CERTS],
    },
    replaces,
    env: { ...certificates, NODE_USE_SYSTEM_CA: '1' },
  });
  /** What their commands name: scripts that an interpreter is given, too. */
  const programs = agentsOf(settings).flatMap(({ command }) => command.slice(1).filter((word) => word.startsWith('/')));
  const inside = (agent: string | undefined): Readonly<Record<string, string>> =>
    Object.assign({}, registries, ...(servicesOfAgent.get(agent) ?? []).map((service) => service.inside));
  const outside = [...new Set([...services, ...logins].flatMap((service) => service.outside))];
  const routesOf = (agent: string | undefined): readonly string[] => (servicesOfAgent.get(agent) ?? []).map(({ route }) => route.prefix);
  const asTheyAre = Object.fromEntries(
    profile.env.flatMap((name) => (env[name] === undefined || outside.includes(name) ? [] : [[name, env[name] ?? '']])),
  );
  const put = async (launch: Launch, { words, read, asks, own = null, beside = false }: Given): Promise<Launch> => {
    const kept = Object.entries(launch.env).filter(([name]) => !outside.includes(name));
    const worker = { ...asTheyAre, ...Object.fromEntries(kept), ...certificates, ...trusted, ...PROXY, ...words };
    const tools = toolFolders(worker, join(state, 'cache'));
    // Where a worker writes, nothing is shown by itself: it could have put a link there.
    const written = profile.write.map((path) => path.replace(/^~(?=\/)/, home));
    const writes = [launch.cwd, launch.env.HOME ?? home, state, ...tools.caches, ...written];
    const shown = read.filter((path) => !writes.some((folder) => isWithin(path, folder)));
    const its = own === null ? { hosts: launch.needs?.hosts ?? [] } : { hosts: reachedBy(own), alone: true };
    const opened = egress.open(launch.run, launch.task, { ...its, routes: asks });
    // Beside each other; where git's folder cannot be made, its error is the one that counts.
    opened.catch(() => undefined);
    const git = await boxes.open(launch.task, launch.cwd, beside);
    const folder = await opened;
    const box = boxOf({
      system: image?.system ?? null,
      ...{ root, gitDir, git, worktree: launch.cwd, home: launch.env.HOME ?? home, personHome: home },
      ...{ profile: { ...profile, read: [...profile.read, ...shown, ...(launch.needs?.read ?? [])] } },
      ...{ path: launch.env.PATH ?? '', programs: [launch.argv[0], ...programs, ...(launch.needs?.programs ?? [])] },
      ...{ certificates: Object.values(certificates), egress: folder, ...tools },
    });
    for (const path of [box.scratch, ...tools.caches]) mkdirSync(path, { recursive: true, mode: 0o700 });
    const made = launch.needs?.write ?? [];
    for (const path of made) makeFile(path);
    return { ...launch, env: image === null ? worker : inImage(worker, image), box: { ...box, write: [...box.write, ...made] } };
  };
  return {
    egress,
    reaches: {
      agent: reachedBy(profile),
      setup: profile.setup === null ? null : reachedBy(profile.setup),
      verify: profile.verify === null ? null : reachedBy(profile.verify),
    },
    inside: inside(undefined),
    outside,
    boxes,
    wrap: (launch, beside) =>
      put(launch, { words: inside(launch.profile), read: [], asks: routesOf(launch.profile), beside: beside === true }),
    beside: {
      wrap: (launch, part) =>
        put(launch, { words: registries, read: [launch.argv[0], ...scriptsIn(launch.argv)], asks: [], own: profile[part] }),
      leave: egress.close,
    },
  };
}

interface Given {
  readonly words: Readonly<Record<string, string>>;
  /** Shown besides. */
  readonly read: readonly string[];
  /** The services that it may ask, by their prefixes. */
  readonly asks: readonly string[];
  /** What it reaches in the place of what all do. */
  readonly own?: Reach | null;
  readonly beside?: boolean;
}

/** What the worker of a task sees and writes, and which variables of yours it is given as they are. Makes nothing. */
export function viewOf(
  { root, gitDir }: Place,
  settings: Settings,
  { profile, image }: { readonly profile: SandboxSettings; readonly image: Image | null },
  agent: AgentSettings,
  task: TaskId,
  worktree: string,
): { readonly read: readonly string[]; readonly write: readonly string[]; readonly given: readonly string[] } {
  const { read, write } = boxOf({
    system: image?.system ?? null,
    ...{ root, gitDir, git: null, worktree, home: homeOf(root, task), personHome: agent.home, profile },
    ...{ path: agent.machine.PATH ?? '', programs: settings.agent.command, certificates: [], egress: null, toolchains: [], caches: [] },
  });
  const routes = kindOf(settings.agent).routes((path) => textOf(join(agent.home, path)));
  const logins = routes.flatMap(({ variables }) => variables.map(({ name }) => name));
  return {
    read,
    write,
    given: [...new Set([...settings.agent.env, ...profile.env])].filter(
      (name) => agent.machine[name] !== undefined && !logins.includes(name),
    ),
  };
}

/** The addresses that single agents may reach, each with whose it is. */
export const serversOf = ({ agent, agents }: Pick<Settings, 'agent' | 'agents'>): readonly string[] =>
  [['', agent] as const, ...Object.entries(agents)].flatMap(([name, { kind, mcp }]) =>
    hostsOf(mcp).map((host) => `${host}, a tool server of ${name === '' ? `the agent (${kind})` : name} alone`),
  );

/** What workers wanted lately and were not given. */
export const heldBack = (state: string): readonly Refusal[] => readRefusals(join(state, 'egress'));

/** A worker's environment and home, made for a command of a person's. */
export const surroundingsOf = (settings: AgentSettings, task: TaskId): Promise<Readonly<Record<string, string>>> =>
  makeSurroundings(kindOf(settings), settings, task);

/** What the worker's variables name: the person's tools, and the downloads that all tasks share. */
function toolFolders(env: Environment, cache: string): { readonly toolchains: readonly string[]; readonly caches: readonly string[] } {
  const paths = Object.values(env).map((value = '') => value.replace(/^-Dmaven\.repo\.local=/, ''));
  const caches = paths.filter((path) => path.startsWith(`${cache}/`));
  const toolchains = Object.entries(env).flatMap(([name, path = '']) =>
    TOOLCHAIN.test(name) && !OURS.has(name) && path.startsWith('/') ? [path] : [],
  );
  return { toolchains: toolchains.filter((path) => !caches.includes(path)), caches };
}

/** The image's own programs come first; its other variables count where the worker has none of that name. */
function inImage(worker: Readonly<Record<string, string>>, { env }: Image): Readonly<Record<string, string>> {
  const path = [env.PATH, worker.PATH].filter((one) => one !== undefined && one !== '').join(':');
  return { ...env, ...worker, PATH: path };
}

/** In a folder that no worker writes. */
function makeFile(path: string): void {
  closeSync(openPlainSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT, 0o600));
}

const TOOLCHAIN = /_(?:HOME|ROOT|DIR|FILE)$|^GOROOT$/;
const OURS = new Set(['GH_CONFIG_DIR', 'TAC8_RUN_DIR']);

/** What a person ordered: the host, for the workers of a task, from now on. */
export function allowHost(sandbox: Sandbox | null, task: string, host: string): { readonly ok: boolean; readonly message: string } {
  if (sandbox === null) return { ok: false, message: 'workers run without a sandbox here: they reach every host' };
  if (!isTaskId(task)) return { ok: false, message: `${task} is not a task` };
  const asked = parseAuthority(/:\d+$/.test(host) ? host : `${host}:443`);
  if (asked === null)
    return { ok: false, message: `${JSON.stringify(host)} is not a host: write registry.example or registry.example:8443` };
  sandbox.egress.allow(task, written(asked));
  return { ok: true, message: `the workers of ${task} may reach ${written(asked)} from now on` };
}
