import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { basename, join } from 'node:path';
import { PortError } from '../engine/ports/error.ts';

/** What a unit says of a repository's daemon. All paths are absolute. */
export interface UnitFacts {
  /** `tac8-widgets-1a2b3c`, without an ending. */
  readonly name: string;
  readonly root: string;
  /** The program that starts tac8 on the right Node. */
  readonly program: string;
  /** Where the agent, git and gh are found. */
  readonly path: string;
  /** Lines `NAME=value` that the daemon gets besides: tokens have their place there, and not in the unit. */
  readonly envFile: string;
  readonly log: string;
  /** Whose unit it is: a user's own, or the system's, which runs it as the owner of the repository. */
  readonly scope: 'user' | 'system';
  readonly user: string;
  /** Whether the supervisor can be told that it is ready, and that its loop lives. */
  readonly notifies: boolean;
  /** While another coordinator leads, it waits, and goes on when that one is gone. */
  readonly standby: boolean;
}

export interface FactsAsked {
  readonly root: string;
  readonly state: string;
  readonly logs: string;
  readonly scope: UnitFacts['scope'];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly program: string;
  readonly notifies: boolean;
  readonly standby: boolean;
  /** The name of a user by number. */
  readonly userName: (uid: number) => string;
}

/** Throws a terminal PortError for what no unit can name. */
export function unitFacts({ root, state, logs, scope, env, program, notifies, standby, userName }: FactsAsked): UnitFacts {
  const path = env.PATH ?? '/usr/local/bin:/usr/bin:/bin';
  const envFile = join(state, 'service.env');
  for (const text of [root, program, path]) {
    if (/[\u0000-\u001f\u007f]/.test(text))
      throw new PortError('terminal', `${JSON.stringify(text)} has a control character in it, which no unit can hold`, {
        hint: 'Rename the folder.',
      });
  }
  if (/\/_npx\//.test(program))
    throw new PortError('terminal', `${program} is a copy that npx may throw away at any time`, {
      hint: 'Install tac8 first: npm install -g tac8',
    });
  const user = scope === 'user' ? userInfo().username : userName(statSync(root).uid);
  return { name: unitName(root), root, program, path, envFile, log: join(logs, 'service.log'), scope, user, notifies, standby };
}

/** What the unit starts. */
export const commandOf = ({ program, root, standby }: Pick<UnitFacts, 'program' | 'root' | 'standby'>): readonly string[] => [
  ...[program, '-C', root, 'start'],
  ...(standby ? ['--standby'] : []),
];

/** The same for the same folder, and different for folders of the same name. */
export function unitName(root: string): string {
  const words = basename(root)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 40);
  const mark = createHash('sha256').update(root).digest('hex').slice(0, 6);
  return ['tac8', words, mark].filter((part) => part !== '').join('-');
}

/** Where systemd looks for units of this scope. */
export function systemdFolder(scope: UnitFacts['scope'], env: Readonly<Record<string, string | undefined>>): string {
  if (scope === 'system') return '/etc/systemd/system';
  return join(env.XDG_CONFIG_HOME || join(env.HOME ?? homedir(), '.config'), 'systemd/user');
}

export const ENV_FILE_TEXT = `# What the daemon and its agents get besides PATH, one NAME=value a line; read at each start of the unit. Only you can read this file.
# GITHUB_TOKEN=
# ANTHROPIC_API_KEY=
`;
