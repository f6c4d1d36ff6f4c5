import { messageOf } from '../../../core/words/message-of.ts';
import { GitHubError } from './problem.ts';

/** So much of the end is kept, and so much is read at most, in bytes. */
export const TAIL = 256 * 1024;
const MOST = 64 * 1024 * 1024;

/** The end of a text at an address that bears its own permission: no token, no further redirect. */
export async function tailOf(url: string, { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal }): Promise<string> {
  const { protocol, hostname } = new URL(url);
  const isOurs = hostname === 'localhost' || hostname.startsWith('127.');
  if (protocol !== 'https:' && !isOurs)
    throw new GitHubError('terminal', null, `GitHub keeps a log at an address that is not https: ${protocol}//${hostname}`);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  try {
    const answer = await fetch(url, { redirect: 'error', signal: limit, headers: { accept: 'text/plain' } });
    if (!answer.ok) throw new Error(`${hostname} answered ${answer.status}`);
    return await readTail(answer);
  } catch (error) {
    throw new GitHubError('retryable', null, `a log at ${hostname}: ${messageOf(error)}`, { cause: error });
  }
}

async function readTail({ body }: Response): Promise<string> {
  let kept = Buffer.alloc(0);
  let read = 0;
  for await (const chunk of body ?? []) {
    read += chunk.length;
    kept = Buffer.concat([kept, chunk]);
    if (kept.length > 2 * TAIL) kept = kept.subarray(-TAIL);
    if (read > MOST) break;
  }
  return kept.subarray(-TAIL).toString('utf8');
}
