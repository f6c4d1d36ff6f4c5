import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { type OutputChunk, type OutputOptions, rolldown } from 'rolldown';
import { buildAtOnce } from './build/build-at-once.ts';
import { type Chunks, chunksFrom, ensureChunks } from './build/build-chunks.ts';
import { buildPage } from './build/build-page.ts';

const ROOT = join(import.meta.dirname, '..');

/** What is started by its file, by the names that `ownProgram` is asked for; and what `at-once/` goes on with. */
const PROGRAMS = [
  'main',
  'cli/program',
  'forge-fake/main',
  'chaos/agent',
  'chaos/witness/witness',
  'demo/agent',
  'demo/world/guard',
  'client/main',
];

/** What is read once and started later, each in one file that needs no other: it outlives its package. */
const ALONE = ['adapters/text/thread', 'egress/main'];

/**
 * What one command needs whole is one chunk: to find, open and link a file costs a bare start a seventieth, and there were seventy. Each has
 * what its modules import, but for what the chunks before it have.
 */
const CHUNKS: Chunks = {
  ground: ['main'],
  state: ['cli/fleet/show-status', 'place/project', 'core/words/message-of', 'transcript/show/quantities'],
  settings: ['config/read/load'],
  parser: ['cli/program'],
  premises: ['compose/premises', 'adapters/process/proc/proc'],
  look: ['cli/fleet/show-why', 'cli/fleet/show-plan'],
};

/** Asked for only by a debugger of ink's, and by the fake GitHub of the tests: neither is there beside a published tac8. */
const ABSENT = ['react-devtools-core', 'graphql', '@octokit/graphql-schema'];

/**
 * Writes the built program: the programs of `src/` by their names, what they share in `chunks/`, the packages that they stand on among it,
 * the page in `web/`, and their licences. Not minified: a stack trace names functions and lines that a person can read in the file itself.
 */
async function build(out: string): Promise<void> {
  rmSync(out, { recursive: true, force: true });
  const chunks = await bundled(PROGRAMS, {
    dir: out,
    format: 'esm',
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [chunksFrom(CHUNKS, PROGRAMS)],
    },
    plugins: [{ name: 'built-ins', renderChunk: (code) => ({ code: plainBuiltIns(code) }) }],
  });
  ensureChunks(CHUNKS, chunks);
  for (const name of ALONE) {
    const alone = await bundled([name], { dir: out, format: 'cjs', codeSplitting: false });
    if (alone.length !== 1) throw new Error(`${name} is in ${alone.length} files`);
    chunks.push(...alone);
  }
  await buildAtOnce(out);
  const page = await buildPage(join(out, 'web'));
  writeFileSync(join(out, 'LICENSES.txt'), licences([...chunks, ...page]));
}

async function bundled(names: readonly string[], to: OutputOptions): Promise<OutputChunk[]> {
  const bundle = await rolldown({
    cwd: ROOT,
    input: Object.fromEntries(names.map((name) => [name, `src/${name}.ts`])),
    platform: 'node',
    preserveEntrySignatures: 'allow-extension',
    tsconfig: 'tsconfig.json',
    external: [/^node:/, ...ABSENT],
    resolve: { alias: { yaml: join(ROOT, 'node_modules/yaml/browser/dist/index.js') } },
    // React has a second self for developers, three times as large.
    // What only newer Nodes understand is written for the oldest one that bin/tac8 takes.
    transform: { target: 'node22.18', define: { 'process.env.NODE_ENV': '"production"' } },
    onLog(level, log, said) {
      if (level === 'warn') throw new Error(`the bundler warns: ${log.message}`);
      said(level, log);
    },
  });
  const { output } = await bundle.write({
    ...to,
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
    comments: false,
  });
  await bundle.close();
  return output.filter((one) => one.type === 'chunk');
}

/**
 * `import { statSync } from 'node:fs'` has Node evaluate all that node:fs could give, which is promises, streams and readline: 10 ms at each start,
 * 20 for node:util. Taken from the built-in module itself, the rest of it stays asleep.
 */
function plainBuiltIns(code: string): string {
  const plain = code.replace(/^import ([^;"]+) from "(node:[\w/]+)";$/gm, (_, names: string, module: string) => {
    const [, first, rest] = /^([\w$]+)?(?:, |$)?(\* as [\w$]+|\{[^}]*\})?$/.exec(names) ?? [];
    const parts = [first, rest?.replace('* as ', '').replaceAll(/\b([\w$]+) as /g, '$1: ')].filter((part) => part !== undefined);
    if (parts.length === 0) throw new Error(`an import that is not understood: ${names}`);
    const late = SLOW.has(module) ? whenCalled(code, module, first, rest) : null;
    if (late !== null) return late;
    return parts.map((part) => `const ${part} = globalThis.process.getBuiltinModule("${module}");`).join(' ');
  });
  const left = /^(?:import|export)\b[^;]*"node:[^;]*;/m.exec(plain);
  if (left !== null) throw new Error(`an import that is not understood: ${left[0]}`);
  return plain;
}

/** Built-in modules that take up to a tenth of a bare start each: they are evaluated when one of their functions is called, not before. */
const SLOW: ReadonlySet<string> = new Set(['node:crypto', 'node:child_process', 'node:fs/promises']);

/** The same import, evaluated late; null: the chunk does more with one of its names than to call it. */
function whenCalled(code: string, module: string, whole: string | undefined, braced: string | undefined): string | null {
  const body = code.replace(/^import [^;]*;$/gm, '');
  const uses = (name: string): string[] => {
    const found = body.matchAll(new RegExp(`(?:new\\s+)?(?<![\\w$])${name.replaceAll('$', '\\$')}(?![\\w$])(?:\\(|\\.\\w+\\()?`, 'g'));
    return [...found].map(([use]) => use);
  };
  const taken = `globalThis.process.getBuiltinModule("${module}")`;
  if (braced === undefined) {
    const isPlain = whole !== undefined && uses(whole).every((use) => use.startsWith(`${whole}.`));
    return isPlain ? `const ${whole} = new Proxy({}, { get: (_, name) => ${taken}[name] });` : null;
  }
  if (whole !== undefined || !braced.startsWith('{')) return null;
  const pairs = braced
    .slice(1, -1)
    .split(',')
    .map((pair) => pair.trim().split(' as '));
  const late = pairs.map(([theirs = '', own = theirs]) =>
    uses(own).every((use) => use === `${own}(`) ? `const ${own} = (...given) => ${taken}.${theirs}(...given);` : null,
  );
  return late.includes(null) ? null : late.join(' ');
}

/** The licence of each package that is in the chunks, as the package states it. Throws where one has none. */
function licences(chunks: readonly { readonly moduleIds: readonly string[] }[]): string {
  const folders = new Set(chunks.flatMap(({ moduleIds }) => moduleIds.flatMap((id) => packageOf(id) ?? [])));
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
    const files = globSync('{licen[cs]e,LICEN[CS]E,Licen[cs]e,COPYING,NOTICE}*', { cwd: folder }).sort();
    if (typeof license !== 'string') throw new Error(`${relative(ROOT, folder)} states no licence`);
    const text = files.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n');
    return `${String(name)} ${String(version)} (${license})\n\n${text}`;
  });
  const line = `\n\n${'-'.repeat(80)}\n\n`;
  return `tac8 has parts of these packages in it.${line}${texts.join(line)}\n`;
}

/** The folder of the package that a module belongs to; null: of tac8 itself, or of nobody. */
function packageOf(id: string): string | null {
  if (!id.includes('/node_modules/')) return null;
  // Some have a package.json further down that says no more than how files are read.
  const [, folder = ''] = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id) ?? [];
  return existsSync(join(folder, 'package.json')) ? folder : null;
}

await build(resolve(process.argv[2] ?? join(ROOT, 'dist')));
