import { lchownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { version } from '../../../src/cli/ground/version.ts';
import { standing } from '../../../src/escape/proof.ts';

/** Whether workers work in a sandbox in all tests that say nothing of it: where `TAC8_TEST_SANDBOX` is `bwrap`. */
export function inTheBox(): boolean {
  const { TAC8_TEST_SANDBOX: kind = '' } = process.env;
  if (kind !== '' && kind !== 'bwrap') throw new Error('TAC8_TEST_SANDBOX is bwrap, or nothing');
  return kind === 'bwrap';
}

/** For `tac8.yaml`: a box in which the agents' scripts, their notes and the programs of the tests are where they are outside. */
export const boxedSettings = (home: string, notes: string): Record<string, unknown> => ({
  sandbox: { kind: 'bwrap', profile: { read: [join(home, 'agent.sh'), join(import.meta.dirname, '../../..')], write: [notes] } },
});

/** The ways out were tried by the tests of `src/escape`: not once more by each of hundreds of daemons. */
export function proveBefore(state: string, user?: number): void {
  mkdirSync(state, { recursive: true, mode: 0o700 });
  const proof = join(state, 'sandbox-proof.json');
  writeFileSync(proof, `${JSON.stringify({ of: standing(version()), at: Date.now(), attempts: 0 })}\n`);
  if (user !== undefined) for (const path of [state, proof]) lchownSync(path, user, user);
}

/** The way out of the boxes outlives its daemon, by design, for a minute. */
export const isWayOut = ({ command }: { readonly command: string }): boolean => /\/egress\/(?:main\.ts|way-out\.cjs)$/.test(command.trim());
