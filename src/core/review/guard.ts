/*
 * Files that decide what runs, who reviews and what agents are told: a change of them is held before the push, until a person has seen it.
 */

/** Files that act by their name, wherever they stand. */
const NAMES: ReadonlySet<string> = new Set([
  ...['claude.md', 'claude.local.md', 'agents.md', 'gemini.md', '.mcp.json', '.claude.json', '.cursorrules', 'opencode.json'],
  ...['.claude', '.codex', '.gemini', '.cursor', '.opencode', '.husky', '.githooks', '.gitmodules', '.devcontainer'],
  ...['codeowners', '.pre-commit-config.yaml', 'lefthook.yml', '.lefthook.yml', 'lefthook.yaml'],
]);
/** Files and folders that act where they stand. */
const PLACES = [
  '.github/workflows',
  '.github/actions',
  '.github/copilot-instructions.md',
  'tac8.yaml',
  'worker_template.md',
  'worker_template',
];

const isBelow = (path: string, place: string): boolean => path === place || path.startsWith(`${place}/`);

/** Those that wait for a person. `allowed`: paths, and folders with all that is in them. Case counts nowhere: some disks know none. */
export function guardedIn(paths: readonly string[], allowed: readonly string[]): readonly string[] {
  const free = allowed.map((path) => path.toLowerCase().replace(/^\.\//, '').replace(/\/$/, ''));
  return paths.filter((path) => {
    const plain = path.toLowerCase();
    const acts = plain.split('/').some((part) => NAMES.has(part)) || PLACES.some((place) => isBelow(plain, place));
    return acts && !free.some((place) => isBelow(plain, place));
  });
}
