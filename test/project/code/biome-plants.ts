/** Code that a rule must refuse: where it stands, what it says (NEXT and PREVIOUS are its neighbours), and the rule that must bite. */
export interface Plant {
  readonly file: string;
  readonly code: string;
  readonly rule: string;
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
  ...GLOBALS.map((use) => ({
    file: 'src/core/planted.ts',
    code: `export const x = (): unknown => ${use};\n`,
    rule: 'lint/style/noRestrictedGlobals',
  })),
  ...EVERYWHERE,
];
