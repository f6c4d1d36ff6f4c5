import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pageRefusals, readPageSources } from '../../../scripts/fence/page.ts';

const ROOT = join(import.meta.dirname, '../../..');
const sources = readPageSources(ROOT);

test('the page has the types that its contract gives it', { timeout: 120_000 }, () => {
  execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', join(ROOT, 'web/tsconfig.json')], {
    encoding: 'utf8',
    cwd: ROOT,
  });
});

test('the page stands on its own files, its libraries and the types of the contract', () => {
  expect(sources.size).toBeGreaterThan(20);
  expect([...sources].flatMap(([file, code]) => pageRefusals(file, code))).toEqual([]);
});

test.each([
  ['another room', "import { foldLog } from '../../../src/transcript/facts/facts.ts';"],
  ['the contract, past the one file that names it', "import type { State } from '../../../src/api/state.ts';"],
  ['a module of Node', "import { readFileSync } from 'node:fs';"],
  ['another library', "import { render } from 'react';"],
  ['a computed import', 'const late = await import(name);'],
  ['markup of a text', 'element.innerHTML = title;'],
  ['markup of a text, in JSX', '<p dangerouslySetInnerHTML={{ __html: title }} />'],
  ['code of a text', 'eval(title);'],
  ['another host', "fetch('https://example.org/font.woff2');"],
])('%s is refused', (_, code) => {
  expect(pageRefusals('task/planted.tsx', `${code}\n`)).toHaveLength(1);
});

test('the file that names the contract gives types alone', () => {
  expect(pageRefusals('link/contract.ts', "export type { State } from '../../../src/api/state.ts';\n")).toEqual([]);
  expect(pageRefusals('link/contract.ts', "export { state } from '../../../src/api/state.ts';\n")).toHaveLength(1);
  expect(pageRefusals('link/contract.ts', "export type { Task } from '../../../src/core/model/task.ts';\n")).toHaveLength(1);
});
