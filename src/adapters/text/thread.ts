import { parentPort } from 'node:worker_threads';
import { cleanText } from './clean/clean-text.ts';
import { proseOf } from './clean/prose.ts';

/* The thread in which texts are read, one after the other: whatever they are, the daemon's own goes on. */

export interface Question {
  readonly text: string;
  readonly isTorn: boolean;
  /** Only what its author says in words, and nothing else of it. */
  readonly isProse?: boolean;
}

parentPort?.on('message', ({ text, isTorn, isProse }: Question) => {
  parentPort?.postMessage(isProse === true ? proseOf(text, isTorn) : cleanText(text, isTorn));
});
