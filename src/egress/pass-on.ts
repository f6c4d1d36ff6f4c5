import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type Socket } from 'node:net';
import { type Authority, written } from './authority.ts';
import { type createLogins, type Renewal, within } from './renew.ts';

/** A way to one service whose login is put in here. It comes by stdin and is in no file, environment or command line of this program. */
export interface Route {
  /** `/model`: the first part of the path that the worker asks for. */
  readonly prefix: string;
  /** `https://host[:port][/path]` */
  readonly to: string;
  /** The login: a header, and what stands in it (an empty text: it wants none); or the file that has it, read at each request, and where in its JSON, with further headers. */
  readonly header: string;
  readonly before: string;
  readonly value: string | null;
  readonly file: {
    readonly path: string;
    readonly at: readonly string[];
    readonly also?: Readonly<Record<string, readonly string[]>>;
    readonly renewal?: Renewal | null;
  } | null;
}

/** What a file of logins says; see `createLogins`. */
type Logins = ReturnType<typeof createLogins>;

/** Between two machines alone; and what would log in another way. */
const DROPPED = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'expect',
];
const LOGINS = ['x-api-key', 'authorization', 'x-goog-api-key', 'api-key', 'cookie'];
/** What a login is sent with. Others (TRACE) may be answered with what was asked, and so with the login. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const PATIENCE = 20 * 60_000;

/** A path that means one thing only: no way up, nothing encoded that a server could read as a slash or a dot. */
export const isPlainPath = (path: string): boolean =>
  path.startsWith('/') &&
  !/[\\#\0-\x20\x7f-\uffff]/.test(path) &&
  // Some servers cut what stands behind `;`, or decode twice.
  !/(?:^|\/)\.{1,2}(?:\/|$|;|%3b)|%(?:25|2e|2f|5c|00)/i.test(path.split('?')[0] ?? '');

/** The route whose prefix the path has, whole parts only. */
export const routeFor = (path: string, routes: readonly Route[]): Route | null =>
  isPlainPath(path) ? (routes.find(({ prefix }) => path.startsWith(`${prefix}/`)) ?? null) : null;

/** Told of the connection that a request goes over. */
type Joined = (outer: Socket) => void;

export async function passByRoute(
  request: IncomingMessage,
  response: ServerResponse,
  route: Route,
  logins: Logins,
  joined: Joined,
): Promise<void> {
  if (!METHODS.includes(request.method ?? '')) return refuse(response, 405, 'no login is sent with this method');
  const to = new URL(route.to);
  const rest = (request.url ?? '').slice(route.prefix.length);
  const login = await loginOf(route, logins);
  if (login === null) return refuse(response, 401, 'there is no login for this service outside of the sandbox');
  const headers = { ...requestHeaders(request, [...LOGINS, ...Object.keys(login)]), host: to.host, ...login };
  const call = to.protocol === 'https:' ? httpsRequest : httpRequest;
  const options = {
    hostname: to.hostname.replace(/^\[|\]$/g, ''),
    port: to.port,
    method: request.method,
    path: `${to.pathname.replace(/\/$/, '')}${rest}`,
    headers,
  };
  pass(request, response, call(options), joined);
}

/** A host that is sent a login; null: there is none to send. */
export interface HostLogin {
  readonly host: string;
  readonly variable: string;
  readonly header: string;
  readonly value: string | null;
}

/** A request to a host on the list over TLS, with a login that the worker does not know. */
export function passWithLogin(
  request: IncomingMessage,
  response: ServerResponse,
  {
    asked,
    address,
    login,
    joined,
  }: { readonly asked: Authority; readonly address: string; readonly login: HostLogin; readonly joined: Joined },
): void {
  if (login.value === null) return refuse(response, 401, `$${login.variable} is not set where the daemon runs`);
  const path = request.url ?? '';
  if (!path.startsWith('/')) return refuse(response, 400, 'not a path');
  if (!METHODS.includes(request.method ?? '')) return refuse(response, 405, 'no login is sent with this method');
  const host = asked.port === 443 ? asked.host : written(asked);
  const headers = { ...requestHeaders(request, [...LOGINS, login.header]), host, [login.header]: login.value };
  const options = { hostname: address, port: asked.port, method: request.method, path, headers };
  pass(request, response, httpsRequest({ ...options, ...(isIP(asked.host) === 0 ? { servername: asked.host } : {}) }), joined);
}

/** A plain request to a host on the list, at the address that was looked at. */
export function passPlainly(
  request: IncomingMessage,
  response: ServerResponse,
  asked: Authority,
  address: string,
  path: string,
  joined: Joined,
): void {
  const host = asked.port === 80 ? asked.host : `${asked.host}:${asked.port}`;
  const headers = { ...requestHeaders(request, []), host };
  pass(request, response, httpRequest({ hostname: address, port: asked.port, method: request.method, path, headers }), joined);
}

export function refuse(response: ServerResponse, status: number, why: string): void {
  response.writeHead(status, { 'content-type': 'text/plain', connection: 'close' }).end(`tac8: ${why}\n`);
}

/** Ends a request that cannot be answered: in words where nothing was said yet. */
export function giveUp(response: ServerResponse, why: string): void {
  if (response.headersSent) response.destroy();
  else refuse(response, 502, why);
}

function pass(request: IncomingMessage, response: ServerResponse, outer: ReturnType<typeof httpRequest>, joined: Joined): void {
  outer.once('socket', joined);
  outer.setTimeout(PATIENCE, () => outer.destroy());
  outer.on('response', (answer) => {
    try {
      response.writeHead(answer.statusCode ?? 502, passedOn(answer.headers, DROPPED));
    } catch {
      // A status or a header that Node would not send.
      answer.destroy();
      return giveUp(response, 'the service gives no HTTP answer');
    }
    answer.pipe(response);
    answer.on('error', () => response.destroy());
  });
  outer.on('error', () => giveUp(response, 'the service does not answer'));
  response.on('close', () => outer.destroy());
  request.pipe(outer);
}

/**
 * How long the body is goes on as it was read, whatever the worker counts among what is said between two machines alone: a body without it is a further
 * request, with a Host of the worker's own and in line before those of other workers.
 */
function requestHeaders({ headers }: IncomingMessage, dropped: readonly string[]): OutgoingHttpHeaders {
  const { 'content-length': length, 'transfer-encoding': coding } = headers;
  const body = length !== undefined ? { 'content-length': length } : coding !== undefined ? { 'transfer-encoding': 'chunked' } : {};
  return { ...passedOn(headers, [...DROPPED, 'content-length', ...dropped]), ...body };
}

function passedOn<T>(headers: Readonly<Record<string, T | undefined>>, dropped: readonly string[]): Record<string, T> {
  const also = String(headers.connection ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
  const kept: Record<string, T> = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && !dropped.includes(name) && !also.includes(name)) kept[name] = value;
  return kept;
}

/** The headers that log in; null: there is no login. */
async function loginOf({ header, before, value, file }: Route, logins: Logins): Promise<Readonly<Record<string, string>> | null> {
  if (file === null) return value === null ? null : value === '' ? {} : { [header]: `${before}${value}` };
  const kept = await logins(file.path, file.renewal ?? null);
  const found = within(kept, file.at);
  if (typeof found !== 'string' || !isOneLine(found)) return null;
  const also = Object.entries(file.also ?? {}).flatMap(([name, path]) => {
    const word = within(kept, path);
    return typeof word === 'string' && isOneLine(word) ? [[name, word]] : [];
  });
  return { ...Object.fromEntries(also), [header]: `${before}${found}` };
}

const isOneLine = (text: string): boolean => !/[\r\n]/.test(text);
