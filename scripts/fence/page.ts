import { globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { Refusal } from './fence.ts';
import { importsIn } from './imports.ts';

/*
 * The fence of the page: `web/src/` stands on its own files and a few libraries; of tac8 it knows the types of the contract (`src/api/`), through
 * one file. Texts come from strangers: nothing in it can make markup or code of one.
 */

const LIBRARIES = ['preact', 'preact/hooks', '@preact/signals', '@tanstack/virtual-core', 'uplot', 'uplot/dist/uPlot.min.css'];
/** The one file that names the contract. */
const CONTRACT = 'link/contract.ts';
const DANGERS =
  /\b(innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|srcdoc|srcDoc|document\.write\w*|DOMParser|createContextualFragment|setHTMLUnsafe|eval|new Function)\b|\bhref=\{?['"`]javascript:|https?:\/\/(?!www\.w3\.org\/)[\w.-]+/g;

export function pageRefusals(file: string, code: string): readonly Refusal[] {
  const found = importsIn(file, code).flatMap(({ line, names, isFile }) => {
    if (names === null) return [{ file, line, said: 'a computed import cannot be checked' }];
    if (!isFile)
      return LIBRARIES.includes(names) || isTest(file, names) ? [] : [{ file, line, said: `the page does not stand on ${names}` }];
    if (!names.startsWith('..')) return [];
    const isContract = file === CONTRACT && /^\.\.\/\.\.\/src\/api\/(?:desk\/)?[\w-]+\.ts$/.test(names);
    return isContract ? [] : [{ file, line, said: `${names} is outside of the page` }];
  });
  if (file === CONTRACT && /^export (?!type )/m.test(code)) found.push({ file, line: 1, said: 'the contract gives types alone' });
  if (isTest(file, 'vitest')) return found;
  const bare = code.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, (comment) => comment.replaceAll(/[^\n]/g, ' '));
  for (const danger of bare.matchAll(DANGERS))
    found.push({ file, line: bare.slice(0, danger.index).split('\n').length, said: `${danger[0]} has no place in the page` });
  return found;
}

const isTest = (file: string, names: string): boolean => names === 'vitest' && file.endsWith('.test.ts');

/** The source files of the page with their code, by their path below web/src/. */
export function readPageSources(root: string): ReadonlyMap<string, string> {
  const top = join(root, 'web/src');
  return new Map(
    globSync('**/*.{ts,tsx}', { cwd: top })
      .sort()
      .map((file) => [posix.normalize(file), readFileSync(join(top, file), 'utf8')]),
  );
}
