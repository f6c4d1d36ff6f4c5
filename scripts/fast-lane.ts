import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';

/**
 * `npm run t`: types, lint and the unit tests of what differs from main, committed or not. It installs and fetches nothing. With `--watch`
 * types and tests are looked at again at each change, until Ctrl-C; other words go to vitest.
 */
const ROOT = join(import.meta.dirname, '..');
const words = process.argv.slice(2);
const isWatching = words.includes('--watch');

function git(...args: string[]): string | null {
  try {
    return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 10_000 }).trim();
  } catch {
    return null;
  }
}

/** Where this branch left main; on main itself, or where there is none, the last commit. */
function base(): string {
  const found = git('merge-base', 'HEAD', 'main') ?? git('merge-base', 'HEAD', 'origin/main');
  return found ?? 'HEAD';
}

/** The files that differ from `since`, committed or not, new ones too; what is gone left out. */
function changed(since: string): readonly string[] {
  const lists = [git('diff', '--name-only', '--diff-filter=d', since), git('ls-files', '--others', '--exclude-standard')];
  return lists.flatMap((list) => (list ?? '').split('\n')).filter((file) => file !== '');
}

/** Runs a program of the project; answers its exit code, and says how long it took. */
function run(name: string, program: string, args: readonly string[]): Promise<number> {
  const begun = performance.now();
  return new Promise((resolve) => {
    const child = spawn(join(ROOT, 'node_modules/.bin', program), args, { cwd: ROOT, stdio: 'inherit' });
    child.on('error', (error) => {
      console.error(`${name}: ${error.message}`);
      resolve(1);
    });
    child.on('close', (code) => {
      console.log(`${code === 0 ? '✓' : '✗'} ${name}, ${((performance.now() - begun) / 1000).toFixed(1)} s`);
      resolve(code ?? 1);
    });
  });
}

async function main(): Promise<boolean> {
  const since = base();
  const types = ['-p', 'tsconfig.json'];
  const tests = ['--changed', since, '--passWithNoTests', '--exclude', 'src/adapters/**', '--dir', 'src'];
  const rest = words.filter((word) => word !== '--watch');
  const files = changed(since);
  const lint = ['check', '--no-errors-on-unmatched', '--files-ignore-unknown=true', ...files];
  const codes = await Promise.all([
    run('types', 'tsc', isWatching ? [...types, '--watch', '--preserveWatchOutput'] : types),
    files.length === 0 ? 0 : run('lint', 'biome', lint),
    run('fence', 'node', ['scripts/check-fence.ts']),
    run('unit tests', 'vitest', [isWatching ? 'watch' : 'run', ...tests, ...rest]),
  ]);
  return codes.every((code) => code === 0);
}

if (!(await main())) process.exitCode = 1;
