import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { findBwrap } from '../adapters/process/box/bwrap.ts';
import { writeWholeSync } from '../files/write-whole.ts';
import { DOZEN, type Outcome, tryEscapes } from './escapes.ts';

/** What was tried once, and counts until the kernel, bubblewrap or tac8 is another one. */
export interface Proof {
  /** The three, in words. */
  readonly of: string;
  readonly at: number;
  readonly attempts: number;
}

const FILE = 'sandbox-proof.json';

export function readProof(state: string): Proof | null {
  try {
    return JSON.parse(readFileSync(join(state, FILE), 'utf8')) as Proof;
  } catch {
    return null; // none yet
  }
}

/** Kernel, bubblewrap and tac8 as they are now. */
export function standing(version: string): string {
  const said = spawnSync(findBwrap() ?? 'bwrap', ['--version'], { env: { PATH: '/usr/bin:/bin' }, encoding: 'utf8', timeout: 10_000 });
  return `kernel ${release()}, ${(said.stdout ?? '').trim() || 'bubblewrap'}, tac8 ${version}`;
}

/**
 * A dozen ways out of a box, once for each kernel, bubblewrap and tac8; null: they were tried already. It is written down only where none got
 * out. Signals that would end this process wait for its end: `isLeaving` says that one came.
 */
export async function proveOnce(
  state: string,
  version: string,
  attempt: () => Promise<Outcome> = () => tryEscapes(DOZEN),
): Promise<{ readonly outcome: Outcome; readonly isLeaving: boolean } | null> {
  const of = standing(version);
  if (readProof(state)?.of === of) return null;
  let isLeaving = false;
  const leave = (): void => {
    isLeaving = true;
  };
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, leave);
  try {
    const outcome = await attempt();
    const proof: Proof = { of, at: Date.now(), attempts: outcome.attempts };
    if (outcome.out.length === 0) writeWholeSync(join(state, FILE), `${JSON.stringify(proof)}\n`);
    return { outcome, isLeaving };
  } finally {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, leave);
  }
}

/** For people: which got out. */
export const escaped = ({ out, attempts }: Outcome): string =>
  `${out.length} of ${attempts} ways out of a worker’s sandbox lead out: ${out.slice(0, 5).join('; ')}${out.length > 5 ? '; …' : ''}`;
