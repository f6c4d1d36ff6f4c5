import type { Attempt } from './attempt.ts';
import { FILES } from './files.ts';
import { GIT } from './git.ts';
import { KERNEL, PROCESSES } from './kernel.ts';
import { KEYS, NETWORK, SOCKETS } from './network.ts';
import { makePlace } from './place.ts';

export const ATTEMPTS: readonly Attempt[] = [...FILES, ...PROCESSES, ...SOCKETS, ...NETWORK, ...GIT, ...KERNEL, ...KEYS];

/** Always the same: every kind, each of its ways. */
export const SAMPLE: readonly Attempt[] = [...Map.groupBy(ATTEMPTS, ({ kind }) => kind).values()].flatMap((all) =>
  all.filter((_, n) => all.length < 12 || n % 2 === 0),
);

export interface Outcome {
  readonly attempts: number;
  /** Names of those that got out of the box. */
  readonly out: readonly string[];
  /** Names of those that did not work outside either, and should have: they say nothing. */
  readonly idle: readonly string[];
  /** The same, where a machine may be like that. */
  readonly rare: readonly string[];
}

/** Each attempt in the box, then as it is. */
export async function tryEscapes(attempts: readonly Attempt[]): Promise<Outcome> {
  const place = await makePlace();
  try {
    const inside = await place.attempt(attempts, 'inside');
    const outside = await place.attempt(attempts, 'outside');
    const name = ({ kind, name: what }: Attempt): string => `${kind}: ${what}`;
    const without = attempts.filter((one) => !outside.has(one));
    return {
      attempts: attempts.length,
      out: [...inside].map(name),
      idle: without.filter(({ rare }) => rare === undefined).map(name),
      rare: without.filter(({ rare }) => rare !== undefined).map(name),
    };
  } finally {
    await place.close();
  }
}
