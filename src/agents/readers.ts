import { ACP_WORDS } from './acp/lines.ts';
import { CLAUDE_WORDS } from './claude/lines.ts';
import { CODEX_WORDS } from './codex/lines.ts';
import { GEMINI_WORDS } from './gemini/lines.ts';
import type { Words } from './ground/kind.ts';
import { OPENCODE_WORDS } from './opencode/lines.ts';

/** The readers of all agents whose words are read. Apart from their rows: whoever reads a log loads nothing of what launches an agent. */
export const READERS: readonly Words[] = [CLAUDE_WORDS, CODEX_WORDS, OPENCODE_WORDS, GEMINI_WORDS, ACP_WORDS];
