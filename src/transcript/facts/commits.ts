import { object, string } from '../../agents/words/fields.ts';
import { oneLine } from './activity.ts';

/** Does this tool call make a commit? */
export const isCommit = (input: unknown): boolean =>
  /\bgit\b[^\n;&|]{0,200}\bcommit\b/.test((string(object(input)?.command) ?? '').slice(0, 20_000));

/** Causes by the words of git, in the order in which they tell most. */
const CAUSES: readonly (readonly [RegExp, string])[] = [
  [
    /gpg failed to sign|failed to sign the data|signing key|gpg\.ssh|gpg: |no secret key/i,
    'the repository demands signed commits (commit.gpgSign), and there is no key to sign with',
  ],
  [/author identity unknown|tell me who you are|empty ident|auto-detect email/i, 'git knows no name and mail for the commit'],
  [/hook|husky|lint-staged|pre-commit|commitlint/i, 'a hook of the repository refused it'],
];
const MOST = 160;

/** Why a commit failed, by what its command said: the cause where the words tell it, and the line that shows it. */
export function whyRefused(output: string): string {
  const lines = output
    .slice(0, 50_000)
    .split('\n')
    .filter((line) => line.trim() !== '');
  for (const [pattern, cause] of CAUSES) {
    const line = lines.find((one) => pattern.test(one));
    if (line !== undefined) return `${cause} (${oneLine(line, MOST)})`;
  }
  return oneLine(lines.at(-1) ?? 'its command failed without a word', MOST);
}
