import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REAL_AGENTS } from '../../test/support/agents/real-agents.ts';

/*
 * The table in docs/agents.md of what was seen of the real agents: the suite of test/e2e/agents is run on all of them, and each of its cases is a
 * row. With the name of a file it takes the answer of a run that was made before (`vitest run … --reporter=json`).
 */

const ROOT = join(import.meta.dirname, '../..');
const SUITE = 'test/e2e/agents/agents.test.ts';
const BEGIN = '<!-- written by scripts/long/agents-seen.ts from runs of test/e2e/agents/agents.test.ts on all agents -->\n';
const END = '<!-- end of what was seen -->\n';

interface Seen {
  /** The agent. */
  readonly kind: string;
  /** The case. */
  readonly title: string;
  readonly status: string;
}

/** docs/agents.md with what was seen in place of what stood there. */
export function withSeen(page: string, seen: readonly Seen[]): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from === -1 || to < from) throw new Error(`the page lacks ${from === -1 ? BEGIN : END}`);
  return `${page.slice(0, from)}${BEGIN}${table(seen)}${page.slice(to)}`;
}

const WORDS: Readonly<Record<string, string>> = { passed: 'seen', failed: '**not seen**' };

function table(seen: readonly Seen[]): string {
  const titles = [...new Set(seen.map(({ title }) => title))];
  const cell = (title: string, kind: string): string => {
    const one = seen.find((other) => other.title === title && other.kind === kind);
    return WORDS[one?.status ?? ''] ?? 'not tried';
  };
  const heads = REAL_AGENTS.map(({ kind, version }) => `\`${kind}\` ${version}`);
  return [
    `| what was tried | ${heads.join(' | ')} |`,
    `|${' --- |'.repeat(heads.length + 1)}`,
    ...titles.map((title) => `| ${title} | ${REAL_AGENTS.map(({ kind }) => cell(title, kind)).join(' | ')} |`),
    '',
  ].join('\n');
}

function readRun(file: string): readonly Seen[] {
  const run = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly testResults: readonly {
      readonly assertionResults: readonly { readonly ancestorTitles: readonly string[]; readonly title: string; readonly status: string }[];
    }[];
  };
  return run.testResults.flatMap(({ assertionResults }) =>
    assertionResults.map(({ ancestorTitles, title, status }) => ({ kind: ancestorTitles.at(-1) ?? '', title, status })),
  );
}

if (import.meta.main) {
  const made = join(ROOT, '.cache/agents-seen.json');
  const file = process.argv[2] ?? made;
  if (file === made) {
    rmSync(made, { force: true });
    const args = ['run', SUITE, '--reporter=default', '--reporter=json', `--outputFile.json=${made}`];
    spawnSync(join(ROOT, 'node_modules/.bin/vitest'), args, { cwd: ROOT, stdio: 'inherit', env: { ...process.env, TAC8_ALL_AGENTS: '1' } });
  }
  const page = join(ROOT, 'docs/agents.md');
  const seen = readRun(file);
  writeFileSync(page, withSeen(readFileSync(page, 'utf8'), seen));
  const count = (status: string): number => seen.filter((one) => one.status === status).length;
  console.log(`${count('passed')} seen, ${count('failed')} not seen`);
  if (count('failed') > 0) process.exitCode = 1;
}
