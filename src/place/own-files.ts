import { existsSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';

/*
 * Where tac8's own files are. A checkout has its sources below src, one file each; a published package has them below dist, some bundled
 * into chunks: what stands beside a module there is not what stood beside its source, so everything is named from the package's folder.
 */

let found: string | null = null;

/** Above this file there is one package.json, the package's own. */
function folder(): string {
  if (found !== null) return found;
  let at = import.meta.dirname;
  while (!existsSync(join(at, 'package.json'))) {
    const above = dirname(at);
    if (above === at) throw new Error(`tac8 is not whole: there is no package.json above ${import.meta.dirname}`);
    at = above;
  }
  found = at;
  return at;
}

/** A file of the package, named from its top: `package.json`, `shell/tac8.bash`. */
export const ownFile = (name: string): string => join(folder(), name);

/** One of the programs that are started by their file, named without its extension: `main`, `demo/agent`. scripts/build.ts has them all. */
export function ownProgram(name: string): string {
  const extension = extname(import.meta.filename);
  return ownFile(`${extension === '.ts' ? 'src' : 'dist'}/${name}${extension}`);
}
