import { ACP, ACP_WRITTEN } from './acp/abilities.ts';
import { CLAUDE, CLAUDE_WRITTEN } from './claude/abilities.ts';
import { CODEX, CODEX_WRITTEN } from './codex/abilities.ts';
import { COMMAND, COMMAND_WRITTEN } from './command/abilities.ts';
import { GEMINI, GEMINI_WRITTEN } from './gemini/abilities.ts';
import type { AgentKind } from './ground/kind.ts';
import { OPENCODE, OPENCODE_WRITTEN } from './opencode/abilities.ts';

type Known = Pick<AgentKind, 'can' | 'written'>;

/** Every agent by its name in `agent.kind` of tac8.yaml, as data alone: whoever reads the settings loads nothing of what launches an agent. */
export const KNOWN = {
  claude: { can: CLAUDE, written: CLAUDE_WRITTEN },
  codex: { can: CODEX, written: CODEX_WRITTEN },
  opencode: { can: OPENCODE, written: OPENCODE_WRITTEN },
  gemini: { can: GEMINI, written: GEMINI_WRITTEN },
  acp: { can: ACP, written: ACP_WRITTEN },
  command: { can: COMMAND, written: COMMAND_WRITTEN },
} as const satisfies Readonly<Record<string, Known>>;

export type KindName = keyof typeof KNOWN;

export const KIND_NAMES = Object.keys(KNOWN) as [KindName, ...KindName[]];

/** A name that stands in tac8.yaml was checked when it was read. */
export function knownOf({ kind }: { readonly kind: string }): Known {
  if (!Object.hasOwn(KNOWN, kind)) throw new Error(`no agent is called ${kind}`);
  return KNOWN[kind as KindName];
}
