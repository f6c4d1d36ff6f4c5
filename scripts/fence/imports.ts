import { globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** One import: its line, and what it names, as a file below src/ or a library; null where the name is computed. */
export interface Import {
  readonly line: number;
  readonly names: string | null;
  readonly isFile: boolean;
}

/** `… from 'x'`, `import 'x'`, `import('x')` as a call or a type, and `import(` of anything else. The formatter leaves no other form. */
const IMPORT =
  /^(?:import|export|\})[^'"`;]*?\bfrom\s+'([^'\n]+)'|^import\s+'([^'\n]+)'|\bimport\(\s*(?:'([^'\n]+)'\s*[,)])?|\brequire\(/gm;
const COMMENT = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm;

/** What the code of `file` (a path below src/) imports, types too. */
export function importsIn(file: string, code: string): readonly Import[] {
  const bare = code.replaceAll(COMMENT, (comment) => comment.replaceAll(/[^\n]/g, ' '));
  return [...bare.matchAll(IMPORT)].flatMap((match) => {
    const named = match[1] ?? match[2] ?? match[3] ?? null;
    const isFile = named?.startsWith('.') ?? false;
    // Ours are all TypeScript; .mjs stands in the text of a repository that the demo writes.
    if (isFile && named?.endsWith('.mjs')) return [];
    return [
      {
        line: bare.slice(0, match.index + match[0].length).split('\n').length,
        names: named !== null && isFile ? posix.join(posix.dirname(file), named) : named,
        isFile,
      },
    ];
  });
}

/** The source files below `root`/src with their code, by their path below src/; tests left out. */
export function readSources(root: string): ReadonlyMap<string, string> {
  const files = globSync('**/*.{ts,tsx}', { cwd: join(root, 'src') }).filter((file) => !/\.test\.tsx?$/.test(file));
  return new Map(files.sort().map((file) => [file, readFileSync(join(root, 'src', file), 'utf8')]));
}

/** The room of a file below src/: its folder. */
export function roomOf(file: string): string {
  const folder = posix.dirname(file);
  return folder === '.' ? file : folder;
}
