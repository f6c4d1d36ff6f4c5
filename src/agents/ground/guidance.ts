import { closeSync, fstatSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { besideIt, openPlainSync } from '../../files/open-plain.ts';

/*
 * What the repository tells whoever works in it. Agents are started without the repository's own settings, whose hooks and tool servers run
 * programs unasked; with these its guidance would be lost, so that the prompt brings it. It is the repository's text, and no order of tac8's.
 */

/** Where an agent's users write it. */
export interface GuidancePlaces {
  /** Read into the prompt, in this order; a text that stands in two of them is brought once. */
  readonly files: readonly string[];
  /** Folders whose files are named alone: which file an entry stands for; null: none. */
  readonly folders: readonly { readonly path: string; readonly file: (name: string) => string | null }[];
}

/** No agent's own. */
export const COMMON: GuidancePlaces = {
  files: ['AGENTS.md', '.github/copilot-instructions.md'],
  folders: [{ path: '.cursor/rules', file: (name) => (/\.mdc?$/.test(name) ? name : null) }],
};

const MOST_NAMED = 40;

/** Bytes: of one file that is read at all, and of all that the prompt brings. */
const MOST_READ = 1 << 20;
const MOST = 48 * 1024;

/** The guidance as the prompt has it; null: there is none. `known`: files that the agent reads by itself. A worktree's files are anybody's. */
export function guidanceIn(worktree: string, { files, folders }: GuidancePlaces, known: readonly string[] = []): string | null {
  const texts = new Set<string>();
  const parts: string[] = [];
  const named: string[] = [];
  let left = MOST;
  for (const name of files) {
    if (known.includes(name)) continue;
    const text = textOf(join(worktree, name))?.trim() ?? '';
    if (text === '' || texts.has(text)) continue;
    texts.add(text);
    if (left <= 0) named.push(name);
    else {
      const cut = text.length > left;
      parts.push(`--- ${name} ---\n${cut ? `${text.slice(0, left)}\n(The rest stands in ${name}: read it there.)` : text}`);
      left -= text.length;
    }
  }
  for (const { path: folder, file: fileOf } of folders)
    for (const entry of entriesOf(join(worktree, folder))) {
      const file = fileOf(entry);
      if (file !== null && isPlain(join(worktree, folder, file))) named.push(`${folder}/${file}`);
    }
  if (named.length > 0)
    parts.push(`Read those of these files that concern the task, before you begin: ${named.slice(0, MOST_NAMED).join(', ')}`);
  return parts.length === 0 ? null : parts.join('\n\n');
}

/** Which of these files stand there, with something in them. */
export const guidanceFiles = (root: string, { files }: GuidancePlaces): readonly string[] =>
  files.filter((name) => (textOf(join(root, name))?.trim() ?? '') !== '');

/** A link to a file beside it is followed, as one agent's file is often one to another's; no other. */
function textOf(path: string): string | null {
  try {
    const file = openPlainSync(besideIt(path));
    try {
      return fstatSync(file).size > MOST_READ ? null : readFileSync(file, 'utf8');
    } finally {
      closeSync(file);
    }
  } catch {
    return null;
  }
}

function isPlain(path: string): boolean {
  try {
    return lstatSync(path).isFile();
  } catch {
    return false;
  }
}

function entriesOf(folder: string): readonly string[] {
  try {
    // Control characters would begin a line of the prompt.
    return readdirSync(folder)
      .filter((name) => /^[\w.-]{1,100}$/.test(name))
      .sort();
  } catch {
    return [];
  }
}
