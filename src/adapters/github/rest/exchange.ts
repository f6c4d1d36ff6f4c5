import type { Octokit } from '@octokit/core';
import { messageOf } from '../../../core/words/message-of.ts';
import type { Log } from '../../../engine/ports/records/log.ts';
import { asked, GitHubError } from './problem.ts';
import type { Answer, Outgoing } from './wire.ts';

export interface ExchangeOptions {
  readonly octokit: Octokit;
  readonly log: Log;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | null;
}

/**
 * Sends once and answers with any status; redirects are answers too.
 * Throws a retryable GitHubError when no whole answer came: then nobody knows whether the server did it.
 * Each call has its own time limit, because one signal for several attempts would end them all with the first.
 */
export async function exchange(out: Outgoing, options: ExchangeOptions): Promise<Answer> {
  const { signal } = options;
  const limit = new AbortController();
  const expire = setTimeout(() => limit.abort(new Error('time limit')), options.timeoutMs);
  const giveUp = (): void => limit.abort(new Error('given up'));
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    if (signal?.aborted) giveUp();
    const answer = await ask(out, options, limit.signal);
    // Octokit swallows an abort while the body is read and hands out an empty one.
    if (limit.signal.aborted) throw limit.signal.reason;
    return answer;
  } catch (error) {
    throw noAnswer(out, options, limit.signal, error);
  } finally {
    clearTimeout(expire);
    signal?.removeEventListener('abort', giveUp);
  }
}

async function ask(out: Outgoing, { octokit, log }: ExchangeOptions, signal: AbortSignal): Promise<Answer> {
  try {
    const { status, headers, data } = await octokit.request({
      method: out.method,
      url: plain(out.url),
      headers: out.headers,
      ...(out.body === undefined ? {} : { data: out.body }),
      request: { signal, redirect: 'manual', log: { warn: (message: string) => log.warn(message) } },
    });
    return { status, headers: headers as Answer['headers'], data };
  } catch (error) {
    // Octokit throws for 304 and from 400 on; with a response it is an answer all the same.
    if (error instanceof Error && 'response' in error && error.response) return error.response as Answer;
    throw error;
  }
}

/** Octokit reads `:name` and `{name}` in any URL as a parameter, also in a next page's `labels=area:docs`. */
function plain(url: string): string {
  const origin = new URL(url).origin;
  return origin + url.slice(origin.length).replace(/[:{}]/g, encodeURIComponent);
}

function noAnswer(out: Outgoing, options: ExchangeOptions, limit: AbortSignal, error: unknown): GitHubError {
  const what = asked(out.method, out.url);
  if (options.signal?.aborted) {
    return new GitHubError('retryable', null, `${what}: given up because the caller is leaving`, { cause: error });
  }
  if (limit.aborted) {
    const message = `${what}: no complete answer within ${options.timeoutMs} ms`;
    return new GitHubError('retryable', null, message, { hint: 'The network or GitHub is slow: tac8 asks again.', cause: error });
  }
  const why = messageOf(error);
  return new GitHubError('retryable', null, `${what}: no answer (${why})`, {
    hint: 'The network is down, or github.api_url names the wrong machine: tac8 asks again.',
    cause: error,
  });
}
