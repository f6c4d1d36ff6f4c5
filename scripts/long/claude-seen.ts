import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { NOBODY } from '../../test/support/machine/other-user.ts';
import { CLAUDE_VERSION, ensureClaude } from '../fetch/fetch-claude.ts';

/*
 * The promises about the real Claude Code, each a test against a scripted model, with the pinned version and the newest that the registry has, by root
 * and by an ordinary user: `npm run claude -- [VERSION…]`. Work in the background takes as long as people's (80 s, and longer than its bound). A line for
 * each test and a count; exit code 1 where one does not hold. `TAC8_ONLY` names a part of the files.
 */

const ROOT = join(import.meta.dirname, '../..');
const made = join(ROOT, '.cache/claude-seen.json');

const SUITES: readonly (readonly [file: string, title?: string])[] = [
  ['test/e2e/stop/background-claude.test.ts'],
  ['test/e2e/stop/words-claude.test.ts'],
  ['test/e2e/stop/stop-claude.test.ts'],
  ['test/e2e/figures/spend-claude.test.ts'],
  ['test/e2e/see/public-cases.test.ts', 'signing|credentials'],
  ['test/e2e/start/claude-daemon.test.ts'],
  ['test/e2e/attach/attach-claude.test.ts'],
  ['test/e2e/agents/claude-as-user.test.ts'],
  ['test/integration/claude-real.test.ts'],
];

/** These say for themselves who runs tac8. */
const OWN_USER = /claude-as-user|claude-real|words-claude/;

interface Answer {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

function run(
  file: string,
  title: string | undefined,
  env: Readonly<Record<string, string>>,
): Answer['testResults'][number]['assertionResults'] {
  rmSync(made, { force: true });
  const args = ['run', file, ...(title === undefined ? [] : ['-t', title]), '--reporter=json', `--outputFile.json=${made}`];
  spawnSync(join(ROOT, 'node_modules/.bin/vitest'), args, { cwd: ROOT, stdio: 'ignore', env: { ...process.env, ...env, TAC8_LONG: '1' } });
  const { testResults } = JSON.parse(readFileSync(made, 'utf8')) as Answer;
  return testResults.flatMap(({ assertionResults }) => assertionResults);
}

const newest = (): string => execFileSync('npm', ['view', '@anthropic-ai/claude-code', 'version'], { encoding: 'utf8' }).trim();
const given = process.argv.slice(2);
const versions = given.length > 0 ? given : [...new Set([CLAUDE_VERSION, newest()])];
const users: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['the user who runs this', {}],
  ...(process.getuid?.() === 0 ? [['an ordinary user', { TAC8_AS_USER: String(NOBODY) }] as const] : []),
];
const only = process.env.TAC8_ONLY ?? '';
const counts = { holds: 0, FAILS: 0, skipped: 0 };

for (const version of versions) {
  const env = { TAC8_CLAUDE_VERSION: version };
  Object.assign(process.env, env);
  await ensureClaude(join(ROOT, '.cache'));
  for (const [who, as] of users)
    for (const [file, title] of SUITES) {
      if (!file.includes(only) || ('TAC8_AS_USER' in as && OWN_USER.test(file))) continue;
      for (const { fullName, status } of run(file, title, { ...env, ...as })) {
        if (status === 'skipped' && title !== undefined) continue;
        const word = status === 'passed' ? 'holds' : status === 'failed' ? 'FAILS' : 'skipped';
        counts[word] += 1;
        process.stdout.write(`${word.padEnd(7)}  ${version}  ${who}: ${fullName.trim()}\n`);
      }
    }
}
process.stdout.write(`${counts.holds} hold, ${counts.FAILS} fail, ${counts.skipped} skipped\n`);
process.exitCode = counts.FAILS === 0 && counts.holds > 0 ? 0 : 1;
