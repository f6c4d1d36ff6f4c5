import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const FILE = join(import.meta.dirname, 'own-environment.ts');
/** A process of its own: this one's environment is the runner's. */
const seenIn = (code: string): string =>
  execFileSync(process.execPath, ['--input-type=module', '-e', code], {
    env: { A: 'kept', TOKEN: 'secret-token', TOKEN_2: 'other', EMPTY: '' },
    encoding: 'latin1',
  });
const SHOW = `process.stdout.write(readFileSync('/proc/self/environ', 'latin1') + '|' + JSON.stringify(process.env.TOKEN ?? null))`;

test('a secret is gone from what others can read, and nothing else is', () => {
  const code = `import { readFileSync } from 'node:fs'; import { forgetInEnvironment } from '${FILE}'; const done = forgetInEnvironment(['TOKEN', 'EMPTY', 'NONE']); ${SHOW}; process.stdout.write(String(done))`;
  const shown = seenIn(code);
  expect(shown).not.toContain('secret-token');
  expect(shown).toContain('TOKEN_2=other');
  expect(shown).toContain('A=kept');
  expect(shown.endsWith('|nulltrue')).toBe(true);
});

test('twin: to delete the name is not enough', () => {
  expect(seenIn(`import { readFileSync } from 'node:fs'; delete process.env.TOKEN; ${SHOW}`)).toContain('secret-token');
});
