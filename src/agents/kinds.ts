import { acp } from './acp/acp.ts';
import { claude } from './claude/claude.ts';
import { codex } from './codex/codex.ts';
import { command } from './command/command.ts';
import { gemini } from './gemini/gemini.ts';
import { COMMON, type GuidancePlaces } from './ground/guidance.ts';
import type { AgentKind } from './ground/kind.ts';
import type { KindName } from './known.ts';
import { opencode } from './opencode/opencode.ts';

/** Every agent there is, with all that it can. A new one is a folder, a row here and one in known.ts; in readers.ts, if its words are read. */
export const KINDS = { claude, codex, opencode, gemini, acp, command } as const satisfies Readonly<Record<KindName, AgentKind>>;

/** An agent by its name; null: this version knows none of that name. */
export function kindCalled(name: string): AgentKind | null {
  return Object.hasOwn(KINDS, name) ? KINDS[name as KindName] : null;
}

/** A name that stands in tac8.yaml was checked when it was read. */
export function kindOf({ kind }: { readonly kind: string }): AgentKind {
  const found = kindCalled(kind);
  if (found === null) throw new Error(`no agent is called ${kind}`);
  return found;
}

const all: readonly AgentKind[] = Object.values(KINDS);

/** Where any agent's users write the repository's guidance, whichever agent works. */
export const GUIDANCE: GuidancePlaces = {
  files: [...all.flatMap(({ guidance }) => guidance?.files ?? []), ...COMMON.files],
  folders: [...all.flatMap(({ guidance }) => guidance?.folders ?? []), ...COMMON.folders],
};

/** Which folders and files below the person's home belong to a program, by the program's name, else by the agent's kind. */
export function homesOf(program: string, kind: AgentKind): readonly string[] {
  const known = all.map(({ logins }) => logins.programs).find((programs) => Object.hasOwn(programs, program));
  return known?.[program] ?? kind.logins.otherwise;
}

/** Of all agents: the files below the person's home in which they keep what they log in with. */
export const LOGIN_FILES = all.flatMap(({ logins }) => logins.files);
