import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { OutputChunk } from 'rolldown';

const ROOT = join(import.meta.dirname, '../..');

/**
 * Files of the built program by their names, each with the modules that it has with all that they import, but for what the files before it have.
 * Modules are named from `src`, without their extension.
 */
export type Chunks = Readonly<Record<string, readonly string[]>>;

interface Group {
  readonly debugName: string;
  name(id: string, within: { getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null }): string | null;
}

/** What tells the bundler where a module goes. What starts a program is in no chunk that another one loads. */
export function chunksFrom(chunks: Chunks, programs: readonly string[]): Group {
  const withImports = new Map<string, ReadonlySet<string>>();
  const starts = new Set(programs.map(moduleNamed));
  const chunkOf = (id: string, importsOf: (id: string) => readonly string[]): string | null => {
    if (starts.has(id)) return null;
    for (const [name, roots] of Object.entries(chunks)) {
      let all = withImports.get(name);
      if (all === undefined) {
        const found = new Set(roots.map(moduleNamed));
        // A set hands out what is added while it is walked through.
        for (const one of found) for (const further of importsOf(one)) found.add(further);
        all = found;
        withImports.set(name, all);
      }
      if (all.has(id)) return name;
    }
    // It goes where the bundler puts it.
    return null;
  };
  return { debugName: 'chunks', name: (id, within) => chunkOf(id, (of) => within.getModuleInfo(of)?.importedIds ?? []) };
}

/** Throws where the bundler put nothing into one of them. */
export function ensureChunks(chunks: Chunks, made: readonly OutputChunk[]): void {
  const lost = Object.keys(chunks).filter((name) => !made.some(({ fileName }) => basename(fileName) === `${name}.js`));
  if (lost.length > 0) throw new Error(`no module is in ${lost.join(', ')}: are the files that are named for it still there?`);
}

function moduleNamed(name: string): string {
  const path = join(ROOT, `src/${name}.ts`);
  if (!existsSync(path)) throw new Error(`a chunk names ${name}, which is not there`);
  return path;
}
