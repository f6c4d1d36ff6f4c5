import { join } from 'node:path';
import { readSettings } from './config-text.ts';
import { readPlainText } from './files.ts';

const MAX = 1024 * 1024;

/** The keys of the repository's own settings that hold a login: a header as checkouts of CI leave it, a password in an address. Without the logins themselves. */
export async function loginsIn(commonDir: string): Promise<readonly string[]> {
  const text = await readPlainText(join(commonDir, 'config'), MAX).catch(() => '');
  const found = (readSettings(text) ?? []).filter(
    ([key, value]) =>
      (/^http\.(.*\.)?extraheader$/.test(key) && /authorization/i.test(value)) ||
      (/^remote\..*\.(url|pushurl)$/.test(key) && /^https?:\/\/[^/@:]*:[^/@]+@/i.test(value)),
  );
  return [...new Set(found.map(([key]) => key.replace(/:\/\/[^/@]*@/, '://')))];
}

/** All keys of the repository's own settings. */
export async function sharedKeys(commonDir: string): Promise<readonly string[]> {
  const text = await readPlainText(join(commonDir, 'config'), MAX).catch(() => '');
  return (readSettings(text) ?? []).map(([key]) => key);
}

/** What a person is told of it. */
export const loginsWords = (keys: readonly string[]): string =>
  `git’s settings here hold a login (${keys.join(', ')}): every worker can read and use it. tac8 does not`;

export const loginsRemedy = (keys: readonly string[]): string =>
  keys.every((key) => key.startsWith('remote.'))
    ? 'give the address without a password (`git remote set-url`), and the token to tac8 (GITHUB_TOKEN) or to a credential helper'
    : `take it out: \`git config --unset-all '${keys[0] ?? ''}'\`; in CI, \`persist-credentials: false\` at the checkout`;
