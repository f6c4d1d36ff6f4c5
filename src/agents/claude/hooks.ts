import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { shellWord } from '../../core/words/shell-word.ts';
import { touchPlainSync } from '../../files/open-plain.ts';
import { writeWhole } from '../../files/write-whole.ts';
import type { ToolServers } from '../ground/mcp.ts';

/*
 * How claude is stopped between two tools, also while no daemon runs: it asks these hooks before and after each of them.
 *
 *   PreToolUse          denies the tool; `continue: false` alone would let it run first
 *   PostToolUse         ends the turn when the tool in hand has ended
 *   PostToolUseFailure  cannot end the turn: one more request to the model comes before the denial, so the daemon interrupts as well
 *   Stop                ends it for good where a hook of the person's own would have it go on
 *   Refuse              denies a tool that leads out of the worktree, or promises a wake-up that never comes; it says why
 *
 * The script looks for STOP in the worktree, and for a flag of the daemon's in the run's folder, since agents remove files. It finds both
 * beside itself, so that no path is written into it, and uses a shell's builtins alone, whatever is on PATH.
 */
const SCRIPT = `# Asked by the agent before and after each tool: is it to stop?
here=\${0%/*}
if [ "$1" = Refuse ]; then
  printf '{"hookSpecificOutput":{"hookEventName":"PreToolUse","permissionDecision":"deny","permissionDecisionReason":"%s"}}\n' "$2"
  exit 0
fi
[ -e "$here/stop-flag" ] || [ -e "$here/tree/STOP" ] || [ -L "$here/tree/STOP" ] || exit 0
case $1 in
  PreToolUse)
    printf '%s\\n' '{"continue":false,"stopReason":"stopped by tac8","hookSpecificOutput":{"hookEventName":"PreToolUse","permissionDecision":"deny","permissionDecisionReason":"A person stopped this work. Do not go on."}}'
    ;;
  *)
    printf '%s\\n' '{"continue":false,"stopReason":"stopped by tac8"}'
    ;;
esac
`;

const FLAG = 'stop-flag';
const EVENTS = ['PreToolUse', 'PostToolUse', 'PostToolUseFailure', 'Stop'] as const;

/** Tools of no use to a worker, with what it is told instead. No quotes in the words: they stand in the script's JSON. */
const REFUSED: readonly (readonly [matcher: string, words: string])[] = [
  [
    'EnterWorktree|ExitWorktree',
    'You are in a worktree of your own already. Stay in it, and commit on its branch: work anywhere else is not delivered.',
  ],
  [
    'CronCreate|CronDelete|CronList|ScheduleWakeup',
    'Nothing wakes you later: the run is over with your last message. Wait for what you need now, in the foreground, and finish the work.',
  ],
];

/** Seconds. A hook that takes longer is not waited for, and the tool runs. */
const TIMEOUT = 10;

/** Writes script and settings into the run's folder, which exists; answers the settings' path. Repeating it is harmless. */
export async function writeStopHooks(folder: string, worktree: string): Promise<string> {
  const script = join(folder, 'stop-hook');
  const tree = join(folder, 'tree');
  await rm(tree, { force: true });
  await symlink(worktree, tree);
  await writeWhole(script, SCRIPT);
  const refused = REFUSED.map(([matcher, words]) => ({
    matcher,
    hooks: [{ type: 'command', command: `/bin/sh ${shellWord(script)} Refuse ${shellWord(words)}`, timeout: TIMEOUT }],
  }));
  const asked = EVENTS.map((event) => [
    event,
    [
      {
        ...(event === 'Stop' ? {} : { matcher: '*' }),
        hooks: [{ type: 'command', command: `/bin/sh ${shellWord(script)} ${event}`, timeout: TIMEOUT }],
      },
      ...(event === 'PreToolUse' ? refused : []),
    ],
  ]);
  const settings = join(folder, 'claude-settings.json');
  // A person who turned their own hooks off did not mean these.
  await writeWhole(settings, JSON.stringify({ disableAllHooks: false, hooks: Object.fromEntries(asked) }));
  return settings;
}

/** From now on the run's hooks answer that it is to stop. */
export async function raiseStopFlag(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  touchPlainSync(join(folder, FLAG));
}

/** Writes the tool servers of a run into its folder, which exists; answers the file, or null where there are none. It fills in variables by itself. */
export async function writeServers(folder: string, servers: ToolServers = {}): Promise<string | null> {
  if (Object.keys(servers).length === 0) return null;
  const path = join(folder, 'mcp.json');
  await writeWhole(path, JSON.stringify({ mcpServers: serversOf(servers) }));
  return path;
}

function serversOf(servers: ToolServers): object {
  const filled = (name: string): string => `\${${name}}`;
  const each = Object.entries(servers).map(([name, server]) => {
    if (server.kind === 'web') {
      const headers = server.tokenEnv === null ? {} : { headers: { Authorization: `Bearer ${filled(server.tokenEnv)}` } };
      return [name, { type: 'http', url: server.url, ...headers }];
    }
    const [command, ...args] = server.command;
    return [name, { command, args, env: Object.fromEntries(server.env.map((variable) => [variable, filled(variable)])) }];
  });
  return Object.fromEntries(each);
}
