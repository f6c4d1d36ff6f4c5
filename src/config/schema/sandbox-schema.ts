import * as z from 'zod/mini';
import { choice, flag, line, needed, optional, setting, variable } from './fields.ts';
import { TOOL_NAMES } from './tools.ts';

const path = () =>
  line('an absolute path, or one that begins with ~/', (text) => /^(?:\/|~\/)/.test(text) && !text.split('/').includes('..'));
const paths = () => z.array(path(), 'a list of paths');
const host = () =>
  line('a host, such as registry.example, *.example or registry.example:8443', (text) =>
    /^(?:\*\.)?(?:[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?$/.test(text),
  );
const hosts = () => z.array(host(), 'a list of hosts');

/** What is sent to a host with each request, by tac8 and not by the worker. */
const login = z.strictObject({
  header_env: needed(variable(), 'A variable of the daemon’s environment that holds the login. The worker has a placeholder in it.'),
  header: setting(
    line('the name of a header', (text) => /^[A-Za-z][A-Za-z0-9-]{0,60}$/.test(text)),
    'authorization',
    'The header that it is sent in.',
  ),
  scheme: setting(
    choice(['bearer', 'basic', 'none']),
    'bearer',
    'bearer: a token; basic: `name:password`, encoded by tac8; none: the header is the value as it stands.',
  ),
});

/** A list, or a map in which some have a login: `{ npm.corp: { header_env: NPM_TOKEN }, docs.example: {} }`. */
const hostsWithLogins = () =>
  z.union(
    [hosts(), z.record(host(), z.union([login, z.strictObject({})]))],
    'a list of hosts, or a map from hosts to { header_env: NAME } or {}',
  );

const tools = () => z.array(choice(TOOL_NAMES), 'a list of tools');

/** What a setup or a check reaches. */
const reach = z.strictObject({
  tools: setting(tools(), [], 'As in `profile`.'),
  hosts: setting(hosts(), [], 'As in `profile`, as a list.'),
});

/** What a worker sees and reaches. */
const profile = z.strictObject({
  tools: setting(tools(), [], `Tools whose package servers may be reached: ${TOOL_NAMES.join(', ')}.`),
  hosts: setting(
    hostsWithLogins(),
    [],
    'Further hosts that may be reached, for port 443 unless another is written; as a map, with a login that the worker does not know: { npm.corp: { header_env: NPM_TOKEN } }.',
  ),
  private: setting(
    hosts(),
    [],
    'Hosts that may be reached though their address is this machine or in its network, such as localhost:5432.',
  ),
  read: setting(paths(), [], 'Files and folders that may be read besides /usr and the programs on PATH.'),
  write: setting(paths(), [], 'Files and folders that may be written besides the worktree and the task’s own home.'),
  env: setting(
    z.array(variable(), 'a list of variables'),
    [],
    'Variables of yours that agents, setup and checks all get as they are, besides those of `agent.env`, `worktrees.env` and `pulls.env`; no login of a known service.',
  ),
  nested_userns: setting(
    flag(),
    false,
    'Whether programs inside may make user namespaces, as a browser does for its own sandbox. It shows them more of the kernel.',
  ),
});

export const sandbox = z.strictObject({
  kind: setting(
    choice(['auto', 'bwrap', 'container', 'none']),
    'auto',
    'bwrap: every worker runs in a sandbox of bubblewrap; auto: in the one that works here; where none works, tac8 starts nothing. container: the same sandbox, with the files of an image of podman in the place of this machine’s. none: no sandbox.',
  ),
  image: optional(
    line('the name of an image, such as localhost/widgets:1', (text) => /^[A-Za-z0-9][A-Za-z0-9._/:@-]*$/.test(text)),
    'For container: the image, as `podman images` names it. It has to be there already.',
  ),
  profile: setting(profile, {}, 'What a worker sees and reaches.'),
  setup: optional(reach, 'What `worktrees.setup` may reach, in the place of `tools` and `hosts` of `profile`.'),
  verify: optional(reach, 'What `pulls.verify` may reach, in the place of `tools` and `hosts` of `profile`.'),
});
