import { spawnSync } from 'node:child_process';
import { chmodSync, lchownSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Who tac8 is to run as in all tests, where `TAC8_AS_USER` says so: the tests themselves stay root's. */
export function asUser(): number | undefined {
  const { TAC8_AS_USER: user = '' } = process.env;
  if (user === '') return undefined;
  if (!/^[1-9]\d*$/.test(user) || process.getuid?.() !== 0)
    throw new Error('TAC8_AS_USER is the number of a user, and the tests are run by root');
  return Number(user);
}

/** Lets git look into a repository of somebody else's. */
export const ANYBODYS = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: '*' };

/** Whom every machine has, and who may do nothing but what is theirs. */
export const NOBODY = 65534;

/** Whether the tests may become this one, who finds the program: a clone below a folder that is its owner's alone cannot be run by anybody else. */
export const canBeRunBy = (user: number, ...program: readonly [string, ...string[]]): boolean =>
  process.getuid?.() === 0 && spawnSync(program[0], [...program.slice(1), '--version'], { uid: user, gid: user, env: {} }).status === 0;

/** All that is below these folders; what is above them may be walked through. The forge stays the tests' own. */
export function giveTo(user: number, home: string, folders: readonly string[]): void {
  chmodSync(tmpdir(), 0o711);
  for (const folder of [home, ...folders]) lchownSync(folder, user, user);
  for (const folder of folders)
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) lchownSync(join(folder, name), user, user);
}
