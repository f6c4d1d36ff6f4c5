import { runChild } from '../../process/child/child.ts';
import { ownIdentity } from './own-identity.ts';

const TIME = 10_000;

/** The name and the mail of a person's own settings of git, nothing of any repository's; null: they name none, or cannot be read. */
export async function personsAuthor(): Promise<{ readonly name: string; readonly email: string } | null> {
  // With this GIT_DIR git finds no repository, and so none of its settings.
  const env = { PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', ...ownIdentity(), GIT_DIR: '/dev/null' };
  const args = ['config', '-z', '--get-regexp', '^user\\.(name|email)$'];
  const { end, out } = await runChild('git', args, { cwd: '/', env, timeoutMs: TIME, output: { most: 64 * 1024, beyond: 'end' } });
  if (end.kind !== 'exit') return null;
  const found = new Map(
    out
      .toString('utf8')
      .split('\0')
      .map((line): [string, string] => [line.slice(0, line.indexOf('\n')), line.slice(line.indexOf('\n') + 1).trim()]),
  );
  const [name = '', email = ''] = [found.get('user.name'), found.get('user.email')];
  return name === '' || email === '' || /[\r\n]/.test(name + email) ? null : { name, email };
}
