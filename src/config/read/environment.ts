import type { ConfigPath, Finding } from './problems.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Commands are run by a shell of their own: there a `$` belongs to that shell. */
const COMMANDS = new Set(['agent.command', 'pulls.verify', 'worktrees.setup']);

export interface Expanded {
  readonly value: unknown;
  readonly findings: readonly Finding[];
  /** Whole values that came from the environment, by JSON of their path: text where a number may be wanted, and never shown. */
  readonly fromEnvironment: ReadonlyMap<string, string>;
}

/**
 * Replaces `$NAME` and `${NAME}` in every text of the file; `$$` is a dollar sign. Empty entries (`routes:` with nothing
 * behind it) are left out, as if they were not there.
 */
export function expand(value: unknown, env: Environment): Expanded {
  const findings: Finding[] = [];
  const fromEnvironment = new Map<string, string>();
  const text = (written: string, path: ConfigPath): string | undefined => {
    let missing = false;
    const result = written.replaceAll(/\$(?:\$|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/g, (all, bare?: string, braced?: string) => {
      const name = bare ?? braced;
      if (name === undefined) return '$';
      fromEnvironment.set(JSON.stringify(path), written);
      const found = env[name];
      if (found === undefined) {
        missing = true;
        findings.push({ path, message: `${all}: the environment variable ${name} is not set (write $$ for a dollar sign)` });
      }
      return found ?? '';
    });
    return missing ? undefined : result;
  };
  const walk = (node: unknown, path: ConfigPath): unknown => {
    if (typeof node === 'string') return text(node, path);
    if (Array.isArray(node)) return node.map((item, n) => walk(item, [...path, n]));
    if (typeof node !== 'object' || node === null) return node;
    const entries = Object.entries(node).map(([key, inner]): [string, unknown] => {
      const here = [...path, key];
      return [key, COMMANDS.has(here.join('.')) ? inner : walk(inner, here)];
    });
    return Object.fromEntries(entries.filter(([, inner]) => inner !== null && inner !== undefined));
  };
  return { value: walk(value, []), findings, fromEnvironment };
}
