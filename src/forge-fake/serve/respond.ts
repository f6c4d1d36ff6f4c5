import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer } from '../state/answer.ts';
import type { Fault } from '../state/faults.ts';

/** An answer as bytes, with every header. */
export interface Wire {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const NOTHING = Buffer.alloc(0);

/** JSON unless the answer names another content type; a tag on what was read, so that it can be asked for again for nothing. */
export function toWire(answer: Answer, method: string): Wire {
  const text = answer.body === undefined ? '' : typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
  const body = Buffer.from(text);
  const tag = method === 'GET' && answer.status === 200 ? { etag: `W/"${createHash('sha256').update(body).digest('hex')}"` } : {};
  return {
    status: answer.status,
    headers: {
      ...(body.length === 0 ? {} : { 'content-type': 'application/json; charset=utf-8' }),
      ...tag,
      ...(Object.keys(tag).length === 0
        ? {}
        : { 'cache-control': 'private, max-age=60, s-maxage=60', vary: 'Accept, Authorization, Cookie, X-GitHub-OTP' }),
      ...answer.headers,
    },
    body,
  };
}

/** 304 when the caller has it already: same tag, weak comparison. */
export function unlessKnown(wire: Wire, wanted: string | undefined): Wire {
  const { etag } = wire.headers;
  if (etag === undefined || wanted === undefined) return wire;
  const bare = (tag: string): string => tag.trim().replace(/^W\//, '');
  const known = wanted === '*' || wanted.split(',').some((tag) => bare(tag) === bare(etag));
  const { 'content-type': _type, ...headers } = wire.headers;
  return known ? { status: 304, headers, body: NOTHING } : wire;
}

/** Half of the items, with the Link header as it was. */
export function halfPage(answer: Answer): Answer {
  return Array.isArray(answer.body) ? { ...answer, body: answer.body.slice(0, Math.floor(answer.body.length / 2)) } : answer;
}

/** Sends it, or as much of it as the fault lets through. Answers the status that the caller saw, or null. */
export function send(request: IncomingMessage, response: ServerResponse, wire: Wire, fault: Fault | null): number | null {
  if (fault?.kind === 'lost-answer') {
    request.socket.destroy();
    return null;
  }
  // The caller waits until it gives up or the server is closed; nothing to do here.
  if (fault?.kind === 'hang-answer') return null;
  const half = wire.body.subarray(0, Math.floor(wire.body.length / 2));
  const bytes = fault?.kind === 'short-body' ? half : wire.body;
  response.writeHead(wire.status, {
    ...wire.headers,
    ...(wire.status === 304 || wire.status === 204 ? {} : { 'content-length': String(bytes.length) }),
  });
  if (fault?.kind === 'cut-body') {
    response.write(half, () => request.socket.destroy());
    return wire.status;
  }
  response.end(bytes);
  return wire.status;
}

const HTML = { 'content-type': 'text/html; charset=utf-8' };
const GATEWAY =
  '<html>\n<head><title>502 Bad Gateway</title></head>\n<body>\n<center><h1>502 Bad Gateway</h1></center>\n</body>\n</html>\n';

/** The answer of a fault that keeps the request from being done, or null where it does not. `now` in milliseconds. */
export function faultAnswer(fault: Fault, now: number): Answer | null {
  if (fault.kind === 'primary-limit') return primaryLimit(Math.ceil(now / 1000) + (fault.resetSeconds ?? 3600));
  if (fault.kind === 'secondary-limit') {
    const wait: Record<string, string> = fault.retryAfterSeconds === undefined ? {} : { 'retry-after': String(fault.retryAfterSeconds) };
    return error(fault.status ?? 403, 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.', wait);
  }
  if (fault.kind !== 'status') return null;
  const status = fault.status ?? 500;
  if (fault.body !== undefined) return { status, body: fault.body, ...(fault.headers === undefined ? {} : { headers: fault.headers }) };
  if (status === 502) return { status, body: GATEWAY, headers: { ...HTML, ...fault.headers } };
  return error(status, MESSAGES[status] ?? 'Server Error', fault.headers);
}

/** Nothing left until `reset`, in seconds since 1970; without it until the end of the caller's hour. */
export function primaryLimit(reset?: number): Answer {
  const until: Record<string, string> = reset === undefined ? {} : { 'x-ratelimit-reset': String(reset) };
  return error(403, 'API rate limit exceeded for this user.', { 'x-ratelimit-remaining': '0', ...until });
}

const MESSAGES: Readonly<Record<number, string>> = {
  401: 'Bad credentials',
  403: 'Resource not accessible by personal access token',
  404: 'Not Found',
  410: 'Issues has been disabled in this repository.',
  429: 'Too many requests. Please wait a few minutes before you try again.',
  451: 'Repository access blocked',
  503: 'Service unavailable. Please wait a few minutes before you try again.',
  504: "We couldn't respond to your request in time. Sorry about that. Please try resubmitting your request and contact us if the problem persists.",
};

function error(status: number, message: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers, body: { message, documentation_url: 'https://docs.github.com/rest', status: String(status) } };
}
