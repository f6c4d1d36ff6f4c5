import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The installed Claude Code. Throws when there is none, with what to do. */
export function findClaude(path: string): string {
  const found = path
    .split(delimiter)
    .filter((dir) => dir !== '')
    .map((dir) => join(dir, 'claude'))
    .find(isExecutable);
  if (found !== undefined) return found;
  throw new Error(
    'Claude Code is not installed: there is no `claude` on PATH. Install it (npm install -g @anthropic-ai/claude-code), or leave --agent out: the scripted agent needs nothing.',
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
