import type { Attempt } from './attempt.ts';
import { FILES } from './files.ts';
import { GIT } from './git.ts';
import { KERNEL, PROCESSES } from './kernel.ts';
import { KEYS, NETWORK, SOCKETS } from './network.ts';
import { makePlace } from './place.ts';

function nameOf({ kind, name }: Attempt): string {
  return `${kind}: ${name}`;
}

export const ATTEMPTS: readonly Attempt[] = [...FILES, ...PROCESSES, ...SOCKETS, ...NETWORK, ...GIT, ...KERNEL, ...KEYS];

/** Always the same: every kind, each of its ways. */
export const SAMPLE: readonly Attempt[] = [...Map.groupBy(ATTEMPTS, ({ kind }) => kind).values()].flatMap((all) =>
  all.filter((_, n) => all.length < 12 || n % 2 === 0),
);

/** One of each kind and more: what a person's own machine is asked before workers are started on it. */
export const DOZEN: readonly Attempt[] = [
  ...['files: read $ROOT/.tac8/page-token as it is', 'files: write a new file', 'processes: SIGKILL', '/proc: the environment of others'],
  ...[
    'sockets: by path',
    'sockets: abstract',
    'network: 127.0.0.1 directly',
    'network: localhost by CONNECT',
    'git: a hook',
    'git: a branch',
  ],
  ...[
    'git: the link of its worktree',
    'calls: keyctl',
    'calls: a socket of vsock',
    'powers: a user namespace',
    'keys: in its own environment',
  ],
].flatMap((name) => ATTEMPTS.find((one) => nameOf(one) === name) ?? []);

export interface Outcome {
  readonly attempts: number;
  /** Names of those that got out of the box. */
  readonly out: readonly string[];
  /** Names of those that did not work outside either, and should have: they say nothing. */
  readonly idle: readonly string[];
  /** The same, where a machine may be like that, or an image lacks the program. */
  readonly rare: readonly string[];
}

/** Each attempt in the box, then as it is. `image`: whose files the box shows in the place of this machine's. */
export async function tryEscapes(attempts: readonly Attempt[], image: string | null = null): Promise<Outcome> {
  const place = await makePlace(image);
  try {
    const inside = await place.attempt(attempts, 'inside');
    const lacking = image === null ? new Set<Attempt>() : place.lacking(attempts);
    const outside = await place.attempt(attempts, 'outside');
    const without = attempts.filter((one) => !outside.has(one) && !lacking.has(one));
    return {
      attempts: attempts.length,
      out: [...inside].map(nameOf),
      idle: without.filter(({ rare }) => rare === undefined).map(nameOf),
      rare: [...without.filter(({ rare }) => rare !== undefined), ...lacking].map(nameOf),
    };
  } finally {
    await place.close();
  }
}
