import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/* The page: `web/` becomes `dist/web/`, which the daemon serves. Run by `npm ci` and `npm run build`; what is there already for these sources stays. */

const ROOT = join(import.meta.dirname, '../..');
const MADE_OF = ['web/**/*', 'scripts/build/build-page.ts', 'package-lock.json', 'tsconfig.json'];
const STAMP = 'made-of.txt';

/** Writes the page, unless `out` has it. Answers what it was made of: its own modules and those of packages. */
export async function buildPage(out: string): Promise<readonly { readonly moduleIds: readonly string[] }[]> {
  const made = madeOf();
  if (existsSync(join(out, STAMP)) && readFileSync(join(out, STAMP), 'utf8') === made) return [];
  const { build } = await import('vite');
  const built = await build({
    root: join(ROOT, 'web'),
    configFile: false,
    logLevel: 'warn',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir: out,
      emptyOutDir: true,
      target: 'es2022',
      // A style or picture within the script would be refused by the page's content-security policy.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: {
        onLog(level, log) {
          if (level === 'warn') throw new Error(`the bundler warns: ${log.message}`);
        },
      },
    },
  });
  writeFileSync(join(out, STAMP), made);
  return [built].flat().flatMap((one) => ('output' in one ? one.output.filter((part) => part.type === 'chunk') : []));
}

function madeOf(): string {
  const hash = createHash('sha256');
  for (const file of globSync(MADE_OF, { cwd: ROOT, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort())
    hash.update(file.slice(ROOT.length)).update('\0').update(readFileSync(file));
  return hash.digest('hex');
}

if (import.meta.main) await buildPage(resolve(process.argv[2] ?? join(ROOT, 'dist/web')));
