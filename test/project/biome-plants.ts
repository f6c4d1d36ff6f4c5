import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Code that a rule must refuse: where it stands, what it says (NEXT and PREVIOUS are its neighbours), and the rule that must bite. */
export interface Plant {
  readonly file: string;
  readonly code: string;
  readonly rule: string;
}

/** What the code of a folder must not import, as paths from src/ or names of libraries. */
interface Boundary {
  readonly folder: string;
  readonly refused: readonly string[];
}

const LIBRARIES = ['node:fs', 'zod', 'yaml', 'hono', '@hono/node-server', '@octokit/core', 'commander', 'pino', 'liquidjs'];
const TOP = ['http/server.ts', 'cli/status.ts', 'demo/world.ts', 'forge-fake/server.ts', 'compose.ts', '../test/support/world.ts'];
const LOOP = ['engine/loop.ts', 'engine/observe.ts', 'engine/perform/start-run.ts'];
const STORE = 'adapters/store/sqlite.ts';
/** Adapters do not import each other, but for the processes that several of them start. */
const ADAPTERS = readdirSync(join(import.meta.dirname, '../../src/adapters')).filter((name) => name !== 'process');

/** core ← engine ← compose → adapters; transcript and config beside them; cli and http on top. */
const BOUNDARIES: readonly Boundary[] = [
  { folder: 'core', refused: [...LIBRARIES, 'engine/ports.ts', STORE, 'transcript/claude.ts', 'config/load.ts', ...TOP] },
  { folder: 'core/board', refused: ['engine/ports.ts', STORE] },
  { folder: 'engine', refused: [...LIBRARIES, STORE, 'transcript/claude.ts', 'config/load.ts', ...TOP] },
  { folder: 'engine/perform', refused: [STORE] },
  { folder: 'adapters/planted', refused: [...LOOP, 'config/load.ts', ...TOP, ...ADAPTERS.map((name) => `adapters/${name}/some.ts`)] },
  { folder: 'transcript', refused: ['engine/ports.ts', STORE, 'config/load.ts', ...TOP] },
  { folder: 'config', refused: [...LOOP, 'engine/ports.ts', STORE, 'transcript/claude.ts', ...TOP] },
  { folder: 'http', refused: ['cli/status.ts', 'demo/world.ts', 'forge-fake/server.ts', '../test/support/world.ts'] },
  { folder: 'cli', refused: ['../test/support/world.ts'] },
  {
    folder: 'forge-fake',
    refused: ['core/task.ts', 'engine/ports.ts', 'adapters/github/wire.ts', 'cli/status.ts', '../test/support/world.ts'],
  },
];

function importing(folder: string, refused: string): Plant {
  const up = '../'.repeat(folder.split('/').length);
  const own = folder.startsWith('adapters/') && refused.startsWith('adapters/') ? refused.replace('adapters/', '../') : null;
  const from = LIBRARIES.includes(refused) ? refused : (own ?? `${up}${refused}`);
  return {
    file: `src/${folder}/planted.ts`,
    code: `import { x } from '${from}';\nexport const y = x;\n`,
    rule: 'lint/style/noRestrictedImports',
  };
}

/** What stands for an effect, a clock or chance, and is there without an import. */
const GLOBALS = [
  'Date.now()',
  'new Date()',
  'performance.now()',
  'setTimeout(() => 1, 1)',
  'setInterval(() => 1, 1)',
  'setImmediate(() => 1)',
  'queueMicrotask(() => 1)',
  'process.pid',
  'Promise.resolve(1)',
  "fetch('x')",
  'crypto.randomUUID()',
  'console',
  'globalThis',
];

const anywhere = (rule: string, ...lines: string[]): Plant => ({
  file: 'src/engine/planted.ts',
  code: `${lines.join('\n')}\n`,
  rule: `lint/${rule}`,
});

const EVERYWHERE: readonly Plant[] = [
  anywhere('nursery/noFloatingPromises', 'export async function f(): Promise<void> {}', 'export function g(): void {', '  f();', '}'),
  anywhere(
    'nursery/noMisusedPromises',
    'export async function f(): Promise<boolean> {',
    '  return false;',
    '}',
    'export const g = (): number => {',
    '  if (f()) return 1;',
    '  return 2;',
    '};',
  ),
  anywhere(
    'nursery/useExhaustiveSwitchCases',
    "export function f(x: 'a' | 'b'): void {",
    '  switch (x) {',
    "    case 'a':",
    "      f('b');",
    '  }',
    '}',
  ),
  anywhere('suspicious/noEmptyBlockStatements', 'export function f(x: () => void): void {', '  try {', '    x();', '  } catch {}', '}'),
  anywhere('suspicious/noExplicitAny', 'export const f = (x: any): unknown => x;'),
  anywhere('style/noNonNullAssertion', 'export const f = (x: string | null): number => x!.length;'),
  anywhere('style/useImportType', "import { Store } from './ports.ts';", 'export const f = (x: Store): Store => x;'),
  anywhere('correctness/noUnusedImports', "import { x } from './ports.ts';", 'export const y = 1;'),
  anywhere('correctness/noUnusedVariables', 'export function f(): number {', '  const x = 1;', '  return 2;', '}'),
  // Types alone make a circle, too.
  anywhere(
    'suspicious/noImportCycles',
    "import { b } from './planted-NEXT.ts';",
    'export type A = string;',
    'export const a = (): A => b();',
  ),
  anywhere('suspicious/noImportCycles', "import type { A } from './planted-PREVIOUS.ts';", "export const b = (): A => 'b';"),
];

export const PLANTS: readonly Plant[] = [
  ...BOUNDARIES.flatMap(({ folder, refused }) => refused.map((one) => importing(folder, one))),
  ...GLOBALS.map((use) => ({
    file: 'src/core/planted.ts',
    code: `export const x = (): unknown => ${use};\n`,
    rule: 'lint/style/noRestrictedGlobals',
  })),
  ...EVERYWHERE,
];
