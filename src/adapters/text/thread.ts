import { parentPort } from 'node:worker_threads';
import { cleanText } from './clean/clean-text.ts';

/* The thread in which texts are read, one after the other: whatever they are, the daemon's own goes on. */

parentPort?.on('message', ({ text, isTorn }: { readonly text: string; readonly isTorn: boolean }) => {
  parentPort?.postMessage(cleanText(text, isTorn));
});
