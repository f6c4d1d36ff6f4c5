import { type Answer, refusal } from '../state/answer.ts';
import type { Fake } from '../state/fake.ts';
import type { User } from '../state/state.ts';

/** A request as a route sees it: the repository is looked up and the person known. */
export interface Call {
  readonly method: string;
  /** Values of the `:names` in the route's pattern, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly user: User | null;
  /** What an App proves itself with; null: no App does. */
  readonly proof: string | null;
  /** The owner in the path: a fork's, where it is one. */
  readonly owner: string;
  readonly apiVersion: string;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Path below `/repos/OWNER/NAME` for routes of the repository. `:name` matches one segment, `*name` the rest. */
  readonly pattern: string;
  readonly handle: (fake: Fake, call: Call) => Answer | Promise<Answer>;
}

/** The route of a path and its parameters, or null. */
export function findRoute(routes: readonly Route[], method: string, path: string): { route: Route; params: Record<string, string> } | null {
  for (const route of routes) {
    if (route.method !== method) continue;
    const params = matchPattern(route.pattern, path);
    if (params !== null) return { route, params };
  }
  return null;
}

function matchPattern(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/');
  const got = path.split('/');
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    if (part.startsWith('*')) {
      params[part.slice(1)] = decode(got.slice(index).join('/'));
      return got.length > index ? params : null;
    }
    const segment = got[index];
    if (segment === undefined) return null;
    if (part.startsWith(':') && segment !== '') params[part.slice(1)] = decode(segment);
    else if (part !== segment) return null;
  }
  return got.length === wanted.length ? params : null;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw refusal(400, `Bad percent-encoding in the path: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A positive whole number from the path, or 0, which nothing has. */
export const numberOf = (call: Call, name: string): number => {
  const text = call.params[name] ?? '';
  return /^[1-9]\d{0,15}$/.test(text) ? Number(text) : 0;
};

/**
 * One page of a list. `per_page` is 30 unless asked for, 100 at most; the Link header names the neighbours by the repository's number,
 * as GitHub's does, so that a client has to follow it and not to build it.
 */
export function page<T>(fake: Fake, call: Call, path: string, items: readonly T[], shape: (item: T) => unknown): Answer {
  const size = Math.min(numberParam(call.query, 'per_page', 30), 100);
  const at = numberParam(call.query, 'page', 1);
  const last = Math.max(1, Math.ceil(items.length / size));
  const base = `${fake.url()}/repositories/${fake.store.state.repo.id}${path}`;
  const link = (to: number, rel: string): string => {
    const query = new URLSearchParams(call.query);
    query.set('page', String(to));
    return `<${base}?${query}>; rel="${rel}"`;
  };
  const links = [
    ...(at > 1 ? [link(Math.min(at - 1, last), 'prev')] : []),
    ...(at < last ? [link(at + 1, 'next'), link(last, 'last')] : []),
    ...(at > 1 ? [link(1, 'first')] : []),
  ];
  const body = items.slice((at - 1) * size, at * size).map(shape);
  return { status: 200, body, ...(links.length === 0 ? {} : { headers: { link: links.join(', ') } }) };
}

function numberParam(query: URLSearchParams, name: string, otherwise: number): number {
  const value = Number(query.get(name) ?? otherwise);
  return Number.isInteger(value) && value >= 1 ? value : otherwise;
}
