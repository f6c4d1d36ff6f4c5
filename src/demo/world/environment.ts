import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname } from 'node:path';
import { CLAUDE_VARIABLES } from './world.ts';

type Machine = Readonly<Record<string, string | undefined>>;

/** What everything of the demo is started with: nothing of the machine but where programs are, and its clock. */
export function bareEnvironment(machine: Machine, home: string): Record<string, string> {
  const zone = machine.TZ === undefined ? {} : { TZ: machine.TZ };
  // The Node that runs the demo comes first, so that `node` in a check means the same one.
  const path = [dirname(process.execPath), machine.PATH ?? '/usr/bin:/bin'].join(delimiter);
  return { PATH: path, HOME: home, LANG: 'C.UTF-8', TERM: 'dumb', TMPDIR: tmpdir(), NO_COLOR: '1', ...zone };
}

/** The daemon's: a token of the demo's own forge, and the mark by which its processes are known. */
export function daemonEnvironment(bare: Readonly<Record<string, string>>, token: string, mark: string): Record<string, string> {
  return { ...bare, GITHUB_TOKEN: token, DEMO_MARK: mark };
}

/** The real Claude Code needs the person's login, too. */
export function withClaudeLogin(env: Readonly<Record<string, string>>, machine: Machine): Record<string, string> {
  const login: Record<string, string> = { HOME: machine.HOME ?? homedir() };
  for (const name of [...CLAUDE_VARIABLES, 'USER']) {
    const value = machine[name];
    if (value !== undefined) login[name] = value;
  }
  return { ...env, ...login };
}
