import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from '../row.ts';

const FILES = 50_000;
const TEXT = 'A line of text, as files have them.\n'.repeat(60);

/** A thousand folders of small files. */
export function manyFiles(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`src/part-${n % 1000}/file-${n}.txt`, `${n}\n${TEXT}`]));
}

/** A repository of 50,000 files, made once per run: a bare one to clone, and a checkout to look at. */
export function largeSource({ shared, env }: Pick<Bench, 'shared' | 'env'>): { readonly bare: string; readonly checkout: string } {
  const [bare, checkout] = [join(shared, 'large.git'), join(shared, 'large')];
  if (existsSync(checkout)) return { bare, checkout };
  const git = (args: readonly string[], input = ''): void =>
    void execFileSync('git', args, { env, input, stdio: ['pipe', 'ignore', 'pipe'], timeout: 300_000 });
  git(['init', '--quiet', '--bare', '--initial-branch=main', bare]);
  const files = Object.entries(manyFiles(FILES)).map(
    ([name, text]) => `M 100644 inline ${name}\ndata ${Buffer.byteLength(text)}\n${text}\n`,
  );
  const head = 'commit refs/heads/main\ncommitter Bench <bench@example.org> 1790000000 +0000\ndata 5\nFirst\n';
  git(['-C', bare, 'fast-import', '--quiet'], `${head}${files.join('')}\n`);
  git(['clone', '--quiet', bare, checkout]);
  return { bare, checkout };
}
