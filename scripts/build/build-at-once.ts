import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { rolldown } from 'rolldown';
import { type Chunks, chunksFrom, ensureChunks } from './build-chunks.ts';
import { makeExample } from './build-example.ts';

const ROOT = join(import.meta.dirname, '../..');

const CHUNKS: Chunks = {
  ground: ['cli/ground/say', 'cli/ground/version'],
  state: ['cli/fleet/show-status', 'place/project', 'core/words/message-of', 'transcript/show/quantities'],
  complete: ['cli/complete/complete', 'read/shown-tasks'],
  settings: ['config/read/load'],
  premises: ['compose/premises', 'adapters/process/proc/proc'],
  ways: [
    'adapters/git/trees/signs',
    'adapters/git/view/files',
    'adapters/git/repository/places',
    'adapters/git/call/together',
    'adapters/git/call/own-identity',
    'adapters/process/child/child',
    'transcript/show/paint',
  ],
  report: ['cli/report/show-report'],
  look: [
    'cli/fleet/show-why',
    'cli/fleet/show-plan',
    'adapters/process/run/probe',
    'adapters/git/trees/signs',
    'adapters/git/repository/places',
    'adapters/agents/listening',
  ],
  diff: ['cli/keep/show-diff', 'compose/workspaces'],
};

/** All that is answered from these files, as a person types it. */
const LINES: readonly (readonly string[])[] = [
  ['--version'],
  ['__complete', 'why', ''],
  ['status'],
  ['status', '--json'],
  ['plan'],
  ['why', 'local-1'],
  ['why', 'local-3', '--json'],
  ['diff', 'local-1'],
  ['diff', 'local-1', '--stat'],
  ['report', '--offline'],
];

/**
 * Writes `at-once/`: what bin/at-once.cjs loads for the commands that people ask all day, and V8's code of what each of them runs. Parsing and
 * compiling were more than a quarter of what `why` took.
 */
export async function buildAtOnce(out: string): Promise<void> {
  const bundle = await rolldown({
    cwd: ROOT,
    input: { main: 'src/main.ts', answer: 'src/cli/at-once/at-once.ts' },
    platform: 'node',
    preserveEntrySignatures: 'allow-extension',
    tsconfig: 'tsconfig.json',
    external: [/^node:/],
    resolve: { alias: { yaml: join(ROOT, 'node_modules/yaml/browser/dist/index.js') } },
    transform: { target: 'node22.18', define: { 'process.env.NODE_ENV': '"production"' } },
    plugins: [
      {
        name: 'at-once',
        // The rest of the program stays as it is.
        resolveId: (id, importer = '') =>
          id.endsWith('/cli/program.ts') ? { id: '../cli/program.js', external: true } : ownZod(id, importer),
        load: (id) =>
          id.endsWith(OWN) ? { code: readFileSync(id.slice(0, -OWN.length), 'utf8'), moduleType: 'js', moduleSideEffects: false } : null,
      },
    ],
    onLog(level, log, said) {
      // Here a chunk has on purpose what elsewhere is loaded late.
      if (log.code === 'INEFFECTIVE_DYNAMIC_IMPORT') return;
      if (level === 'warn') throw new Error(`the bundler warns: ${log.message}`);
      said(level, log);
    },
  });
  const { output } = await bundle.write({
    dir: join(out, 'at-once'),
    format: 'cjs',
    exports: 'named',
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    comments: false,
    codeSplitting: { includeDependenciesRecursively: false, groups: [chunksFrom(CHUNKS, ['main'])] },
  });
  await bundle.close();
  const chunks = output.filter((one) => one.type === 'chunk');
  ensureChunks(CHUNKS, chunks);
  for (const { fileName, code } of chunks) writeFileSync(join(out, 'at-once', fileName), plain(code));
  keepCode(out);
}

const OWN = '?own';

/**
 * The client of the forge takes all of zod, the settings a small part: each has its own, or all of it would be in the file that every command loads.
 */
function ownZod(id: string, importer: string): string | null {
  if (importer.endsWith(OWN)) return `${join(dirname(importer), id)}${OWN}`;
  return id === 'zod' && importer.startsWith(join(ROOT, 'src/adapters/github/'))
    ? `${join(ROOT, 'node_modules/zod/index.js')}${OWN}`
    : null;
}

/** Parts of Node are asked for where there is no loader to wake, and all beyond Latin 1 is written as escapes: the files are read a byte a letter. */
function plain(code: string): string {
  if (/String\.raw`[^`]*[^\0-\x7f]/.test(code)) throw new Error('a String.raw has a letter beyond ASCII, and would have its escape');
  const plainer = code.replaceAll(GETTER, (getter, name, value) => (isFixed(value, code) ? `exports.${name} = ${value};` : getter));
  const short = plainer.replaceAll(/\bimport\("(node:[\w/]+)"\)/g, 'Promise.resolve(process.getBuiltinModule("$1"))');
  return short.replaceAll(/[^\0-\x7f]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A name that is handed out by a function of its own, in case that its value changes. */
const GETTER =
  /^Object\.defineProperty\(exports, "([\w$]+)", \{\n\tenumerable: true,\n\tget: function\(\) \{\n\t\treturn ([\w$]+);\n\t\}\n\}\);/gm;

/** It is a function, a class or a constant of the file itself. */
function isFixed(name: string, code: string): boolean {
  return new RegExp(`^(?:const|class|function\\*?|async function\\*?) ${name.replaceAll('$', '\\$')}\\b`, 'm').test(code);
}

/** Runs each line in a repository that has a bit of everything, and keeps V8's code beside the files. */
function keepCode(out: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'tac8-build-'));
  try {
    const env = { PATH: process.env.PATH ?? '', HOME: folder, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' };
    const root = join(folder, 'checkout');
    mkdirSync(root);
    makeExample(root, env);
    const argv = ['--disable-warning=ExperimentalWarning', join(ROOT, 'scripts/build/keep-code.cjs'), out, JSON.stringify(LINES)];
    execFileSync(process.execPath, argv, { cwd: root, env, stdio: ['ignore', 'ignore', 'pipe'], timeout: 120_000 });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
