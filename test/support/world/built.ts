import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');
/** All that the built program is made of, and what is published beside it. */
const MADE_OF = [
  'src/**/*.ts',
  'src/**/*.tsx',
  'web/**/*.*',
  'scripts/build*.ts',
  'scripts/build/keep-code.cjs',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
];
const BESIDE = ['bin', 'schema', 'shell', 'package.json'];

/** The main program as it is in the sources: for what is said of a checkout. */
export const SOURCES = join(ROOT, 'src/main.ts');

/**
 * The main program as it is published, which starts in a third of the time that the sources take: what tests of the whole program start, dozens of
 * times each. Built once for the sources as they are now.
 */
export const MAIN = join(builtFolder(), 'dist/main.js');

function builtFolder(): string {
  const hash = createHash('sha256');
  for (const file of globSync(MADE_OF, { cwd: ROOT }).sort()) {
    if (!file.includes('.test.')) hash.update(`${file}\0`).update(readFileSync(join(ROOT, file)));
  }
  for (const file of globSync(['bin/*', 'schema/*', 'shell/*'], { cwd: ROOT }).sort()) hash.update(readFileSync(join(ROOT, file)));
  const all = join(ROOT, '.cache/built');
  const folder = join(all, hash.digest('hex').slice(0, 16));
  if (existsSync(folder)) return folder;
  mkdirSync(all, { recursive: true });
  // Two files of tests may begin at the same time: the first one that is whole is taken by both.
  const making = mkdtempSync(join(all, 'making-'));
  try {
    execFileSync(process.execPath, [join(ROOT, 'scripts/build.ts'), join(making, 'dist')], {
      timeout: 120_000,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    for (const name of BESIDE) cpSync(join(ROOT, name), join(making, name), { recursive: true });
    // A temporary folder is its maker's alone; tests run the program as other users, too.
    chmodSync(making, 0o755);
    renameSync(making, folder);
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}
