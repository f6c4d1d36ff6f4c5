import { existsSync, watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DemoFolder } from '../../demo/ground/folder.ts';
import type { DemoForge } from '../../demo/world/forge.ts';

/*
 * The instants at which the daemon is killed, found from the outside: by the files that it makes, and by the requests that it sends.
 * The production code knows nothing of them.
 */

export interface Scene {
  readonly folder: DemoFolder;
  readonly forge: DemoForge;
  readonly random: () => number;
}

interface Point {
  readonly name: string;
  /** Resolves at the instant; does not resolve when it does not come before the signal. */
  readonly comes: (scene: Scene, signal: AbortSignal) => Promise<void>;
}

/** A name in a folder appears or changes. */
const file = (name: string, folder: string, fits: (file: string) => boolean = () => true): Point => ({
  name,
  comes: ({ folder: { widgets, root } }, signal) =>
    new Promise((resolve) => {
      const path = folder.startsWith('/') ? join(root, folder) : join(widgets, folder);
      if (!existsSync(path)) return;
      const watcher = watch(path, (_event, found) => {
        if (found !== null && fits(found)) resolve();
      });
      watcher.on('error', () => undefined);
      signal.addEventListener('abort', () => watcher.close(), { once: true });
    }),
});

/** A request is with the forge, and gets no answer: `hang` before anything is done, `hang-answer` after it is done. */
const request = (name: string, method: string, path: string, kind: 'hang' | 'hang-answer'): Point => ({
  name,
  async comes({ forge }, signal) {
    const { id } = (await forge.act('POST', 'faults', { match: { method, path }, kind })) as { id: number };
    const isArmed = async (): Promise<boolean> =>
      ((await forge.act('GET', 'faults')) as readonly { id: number }[]).some((one) => one.id === id);
    while (await isArmed()) {
      if (signal.aborted) {
        await forge.act('DELETE', `faults/${id}`);
        return new Promise(() => undefined);
      }
      await sleep(8);
    }
  },
});

const POINTS: readonly Point[] = [
  file('while a worktree is made', 'trees'),
  file('before an agent is started', '.tac8/runs', (name) => name.startsWith('w-')),
  file('when an agent has started', '/agents', (name) => name.endsWith('.jsonl')),
  file('while the board is written', '.', (name) => name.startsWith('tasks.md') || name.startsWith('.tasks.md')),
  file('while the state is written', '.tac8', (name) => name.includes('.db')),
  file('while work is saved', '.git/refs/tac8/saved'),
  file('while a branch is changed', '.git/refs/heads/auto'),
  file('while a log is written', 'logs', (name) => name.endsWith('.jsonl')),
  request('before the push', 'POST', 'git-receive-pack', 'hang'),
  request('after the push', 'POST', 'git-receive-pack', 'hang-answer'),
  request('before the pull', 'POST', '/pulls$', 'hang'),
  request('after the pull', 'POST', '/pulls$', 'hang-answer'),
  request('before the comment', 'POST', '/comments$', 'hang'),
  request('after the comment', 'POST', '/comments$', 'hang-answer'),
];

export const ANY_INSTANT = 'at any instant';
export const POINT_NAMES: readonly string[] = POINTS.map((point) => point.name);

/** A daemon that has started is given so long to get to its point. */
export const PATIENCE_MS = 1_600;
const AT_RANDOM_MS = 1_400;

/** Waits for the first of these instants, and up to a few milliseconds more; answers the name of what has really come. */
export async function awaitPoint(names: readonly string[], scene: Scene, patience = PATIENCE_MS): Promise<string> {
  const points = POINTS.filter((one) => names.includes(one.name));
  if (points.length === 0) {
    await sleep(scene.random() * AT_RANDOM_MS);
    return ANY_INSTANT;
  }
  const over = new AbortController();
  try {
    const come = points.map((point) => point.comes(scene, over.signal).then(() => point.name));
    const came = await Promise.race([...come, sleep(patience, null, { signal: over.signal })]);
    if (came === null) return ANY_INSTANT;
    // Right at the sign, or in what follows it.
    if (scene.random() < 0.5) await sleep(scene.random() * 25);
    return came;
  } finally {
    over.abort();
  }
}
