import { join } from 'node:path';
import type { Run } from '../../core/model/run.ts';
import { readPlainFile } from '../../files/open-plain.ts';
import { writeWhole } from '../../files/write-whole.ts';
import { placeholder } from '../ground/placeholder.ts';
import type { AgentSettings } from '../ground/settings.ts';
import { claudeProgram } from './abilities.ts';
import { TOOLS } from './argv.ts';

/** What the worker may, the session may without asking; for anything else the person is there. By settings: the names of modes on the command line change. */
const PERMISSIONS = JSON.stringify({ permissions: { defaultMode: 'default', allow: TOOLS } });

/**
 * Claude asks whether it may trust a folder that it has not been in, and by default leaves: every task has a worktree of its own, which its worker has
 * worked in already. What stands there that would run by itself stays off as it does for the worker: only the person's own settings are read.
 */
export const SESSION_VARIABLES = { CLAUDE_CODE_SANDBOXED: '1' };

/** Claude's interactive mode on a conversation: without our limits, and without our hooks, which would deny every tool after a stop. */
export function sessionArgv(settings: AgentSettings, run: Run, conversation: string): [string, ...string[]] {
  const [program = claudeProgram, ...before] = settings.command;
  const model = run.agent.model ?? settings.model;
  return [
    program,
    ...before,
    ...['--resume', conversation],
    ...(settings.repoSettings ? [] : ['--setting-sources', 'user']),
    ...['--settings', PERMISSIONS],
    ...(model === null ? [] : ['--model', model]),
  ];
}

const FILE = '.claude.json';
const MOST = 16 << 20;
/** As much of a key as Claude Code keeps of one that it may use. */
const TAIL = 20;

/**
 * In its first conversation with a person Claude Code asks for colours, tries hosts that no box reaches, and whether it may use the key of its environment: in the
 * home of a box these are answered. Of the person's own file there are the colours alone.
 */
export async function welcome(settings: AgentSettings, home: string): Promise<void> {
  const kept = await read(join(home, FILE));
  const key = placeholder('ANTHROPIC_API_KEY').slice(-TAIL);
  const answers = fieldsOf(kept.customApiKeyResponses);
  const approved = Array.isArray(answers.approved) ? answers.approved : [];
  if (kept.hasCompletedOnboarding === true && approved.includes(key)) return;
  const { theme } = await read(join(settings.home, FILE));
  const next = {
    theme: typeof theme === 'string' ? theme : 'dark',
    ...kept,
    hasCompletedOnboarding: true,
    customApiKeyResponses: { rejected: [], ...answers, approved: [...approved, key] },
  };
  await writeWhole(join(home, FILE), `${JSON.stringify(next, null, 2)}\n`);
}

/** Nothing, where it is not there or a worker made something else of it. */
async function read(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return fieldsOf(JSON.parse(await readPlainFile(path, MOST)));
  } catch {
    return {};
  }
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
