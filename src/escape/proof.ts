import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { basename, join } from 'node:path';
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

type ImageOfBox = { readonly name: string; readonly system: string };

const FILE = 'sandbox-proof.json';

export function readProof(state: string): Proof | null {
  try {
    return JSON.parse(readFileSync(join(state, FILE), 'utf8')) as Proof;
  } catch {
    return null; // none yet
  }
}

/** Kernel, bubblewrap and tac8 as they are now, and the image where there is one. */
export function standing(version: string, image: ImageOfBox | null = null): string {
  const said = spawnSync(findBwrap() ?? 'bwrap', ['--version'], { env: { PATH: '/usr/bin:/bin' }, encoding: 'utf8', timeout: 10_000 });
  return `kernel ${release()}, ${(said.stdout ?? '').trim() || 'bubblewrap'}, tac8 ${version}${image === null ? '' : `, image ${image.name} ${basename(image.system).slice(0, 12)}`}`;
}

/**
 * A dozen ways out of a box, once for each kernel, bubblewrap, tac8 and image; null: they were tried already. It is written down only where none got
 * out. Signals that would end this process wait for its end: `isLeaving` says that one came.
 */
export async function proveOnce(
  state: string,
  version: string,
  image: ImageOfBox | null = null,
  attempt: () => Promise<Outcome> = () => tryEscapes(DOZEN, image?.name ?? null),
): Promise<{ readonly outcome: Outcome; readonly isLeaving: boolean } | null> {
  const of = standing(version, image);
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
