import type { Abilities } from '../core/agent/abilities.ts';
import { CLAUDE } from './claude/abilities.ts';
import { endOf, refusalOf } from './claude/result.ts';
import { COMMAND } from './command/abilities.ts';

/** The agents that version 0.1.0 knew, by what they can. Light: whoever reads a store needs it, and no more of any agent. */
const KNOWN: Readonly<Record<string, Abilities>> = { claude: CLAUDE, command: COMMAND };

/** Where tac8.yaml names none. */
export const DEFAULT_KIND = 'claude';

/** What any agent can. */
export const LEAST: Abilities = COMMAND;

/** What an agent of version 0.1.0 could; of another name, what any can. */
export const knownAtFirst = (name: string): Abilities => (Object.hasOwn(KNOWN, name) ? (KNOWN[name] ?? LEAST) : LEAST);

/** The words that version 0.1.0 read, whatever agent said them. */
export const READ_AT_FIRST = { endOf, refusalOf };
