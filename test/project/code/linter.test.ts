import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PLANTS } from './biome-plants.ts';

const ROOT = join(import.meta.dirname, '../../..');
const BIOME = join(ROOT, 'node_modules/.bin/biome');

/** All plants as files of one tree under a copy of our biome.json, looked at in one run; answers the rules that bit, by plant. */
let folder: string;
let bitten: Map<number, Set<string>>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tac8-plants-'));
  copyFileSync(join(ROOT, 'biome.json'), join(folder, 'biome.json'));
  for (const [n, { file, code }] of PLANTS.entries()) {
    write(file.replace('planted.ts', `planted-${n}.ts`), code.replace('NEXT', `${n + 1}`).replace('PREVIOUS', `${n - 1}`));
  }
  write(`src/core/planted-${PLANTS.length}.ts`, 'export const x = 1;\n');
  bitten = await lint();
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(file: string, code: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), code);
}

async function lint(): Promise<Map<number, Set<string>>> {
  // Of the reporters that a program can read, the JSON one does not escape its messages.
  const args = ['lint', '--vcs-enabled=false', '--reporter=github', '--max-diagnostics=none', '.'];
  const run = promisify(execFile)(BIOME, args, { cwd: folder, timeout: 15_000, maxBuffer: 2 ** 26 });
  const { stdout } = await run.catch((error: { stdout: string }) => error);
  const found = new Map<number, Set<string>>();
  for (const [, rule = '', number] of stdout.matchAll(/^::error title=([^,]+),file=[^,]*planted-(\d+)\.ts,/gm)) {
    found.set(Number(number), (found.get(Number(number)) ?? new Set()).add(rule));
  }
  return found;
}

test.each(PLANTS.map((plant, n) => ({ ...plant, n, said: plant.code.split('\n')[0] })))('$rule in $file: $said', ({ n, rule }) => {
  expect([...(bitten.get(n) ?? [])]).toContain(rule);
});

test('sound code is let through', () => {
  expect(bitten.get(PLANTS.length)).toBeUndefined();
});
