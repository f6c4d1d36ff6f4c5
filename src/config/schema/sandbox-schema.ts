import * as z from 'zod/mini';
import { choice, flag, line, setting } from './fields.ts';
import { TOOL_NAMES } from './tools.ts';

const path = () =>
  line('an absolute path, or one that begins with ~/', (text) => /^(?:\/|~\/)/.test(text) && !text.split('/').includes('..'));
const paths = () => z.array(path(), 'a list of paths');
const host = () =>
  line('a host, such as registry.example, *.example or registry.example:8443', (text) =>
    /^(?:\*\.)?(?:[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?$/.test(text),
  );
const hosts = () => z.array(host(), 'a list of hosts');

/** What a worker sees and reaches. */
const profile = z.strictObject({
  tools: setting(
    z.array(choice(TOOL_NAMES), 'a list of tools'),
    [],
    `Tools whose package servers may be reached: ${TOOL_NAMES.join(', ')}.`,
  ),
  hosts: setting(hosts(), [], 'Further hosts that may be reached, for port 443 unless another is written.'),
  private: setting(
    hosts(),
    [],
    'Hosts that may be reached though their address is this machine or in its network, such as localhost:5432.',
  ),
  read: setting(paths(), [], 'Files and folders that may be read besides /usr and the programs on PATH.'),
  write: setting(paths(), [], 'Files and folders that may be written besides the worktree and the task’s own home.'),
  nested_userns: setting(
    flag(),
    false,
    'Whether programs inside may make user namespaces, as a browser does for its own sandbox. It shows them more of the kernel.',
  ),
});

export const sandbox = z.strictObject({
  kind: setting(
    choice(['auto', 'bwrap', 'none']),
    'auto',
    'bwrap: every worker runs in a sandbox of bubblewrap; auto: in the one that works here; where none works, tac8 starts nothing. none: no sandbox.',
  ),
  profile: setting(profile, {}, 'What a worker sees and reaches.'),
});
