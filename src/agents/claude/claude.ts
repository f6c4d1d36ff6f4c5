import type { AgentKind } from '../ground/kind.ts';
import { programsOf } from '../ground/mcp.ts';
import { CLAUDE, CLAUDE_WRITTEN } from './abilities.ts';
import { claudeArgv, claudeInterrupt, claudeMessage } from './argv.ts';
import { SESSION_VARIABLES, sessionArgv, welcome } from './attach.ts';
import { raiseStopFlag, writeServers, writeStopHooks } from './hooks.ts';
import { CLAUDE_WORDS } from './lines.ts';
import { claudeLogin, LOGINS, MODEL } from './login.ts';
import { PROBE } from './probe.ts';

/** Claude Code, in its stream-json mode. */
export const claude: AgentKind = {
  can: CLAUDE,
  written: CLAUDE_WRITTEN,
  variables: (machine) => ({
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    // The default of ten is three minutes of retries on a refused key; the daemon backs off by itself.
    CLAUDE_CODE_MAX_RETRIES: machine.CLAUDE_CODE_MAX_RETRIES ?? '4',
  }),
  logins: LOGINS,
  welcome,
  routes: () => [MODEL],
  launch: async (settings, { run, prompt, folder, worktree }) => ({
    argv: claudeArgv(settings, run, await writeStopHooks(folder, worktree), await writeServers(folder, settings.mcp)),
    needs: { programs: programsOf(settings.mcp ?? {}), read: [], write: [] },
    stdin: { kind: 'fifo', prompt: claudeMessage(prompt) },
  }),
  guidance: {
    files: ['CLAUDE.md', '.claude/CLAUDE.md'],
    folders: [
      { path: '.claude/rules', file: (name) => (name.endsWith('.md') ? name : null) },
      { path: '.claude/skills', file: (name) => `${name}/SKILL.md` },
    ],
  },
  readsGuidance: ({ repoSettings }) => (repoSettings ? ['CLAUDE.md', '.claude/CLAUDE.md'] : []),
  repoFiles: ['.claude/settings.json', '.claude/settings.local.json', '.mcp.json'],
  health: {
    install: 'npm install -g @anthropic-ai/claude-code, or name it in tac8.yaml: agent.command',
    logIn: 'log Claude Code in, or export ANTHROPIC_API_KEY=…',
    version: ['--version'],
    login: claudeLogin,
    knowsLogins: true,
    probe: PROBE,
  },
  words: CLAUDE_WORDS,
  message: claudeMessage,
  interrupt: claudeInterrupt,
  raiseStop: raiseStopFlag,
  session: sessionArgv,
  sessionVariables: SESSION_VARIABLES,
};
