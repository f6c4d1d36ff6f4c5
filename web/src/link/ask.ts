/** An answer of the daemon, or why there is none. `status` null: nobody answered. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly status: number | null; readonly why: string };

const PATIENCE = 10_000;
/** An order may wait for a tool in hand. */
const PATIENCE_FOR_ORDERS = 40_000;
const KEY = 'tac8-key';

/** Takes the key that the link of `tac8 page` brought behind the `#` into this browser's storage, and out of the address. */
export function takeKey(): void {
  const [, key] = /^#key=([\w-]+)$/.exec(location.hash) ?? [];
  if (key === undefined) return;
  history.replaceState(null, '', '#/');
  try {
    localStorage.setItem(KEY, key);
  } catch {
    // A browser that keeps nothing reads, and changes nothing.
  }
}

function storedKey(): string {
  try {
    return localStorage.getItem(KEY) ?? '';
  } catch {
    return '';
  }
}

/** Has the daemon do something; answers what came of it. */
export const order = <T>(path: string, body: unknown, patience = PATIENCE_FOR_ORDERS): Promise<Answer<T>> =>
  ask<T>(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-tac8-key': storedKey() },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(patience),
  });

/** Asks `/api/v1/…`. Never throws. */
export async function ask<T>(path: string, init: RequestInit = {}): Promise<Answer<T>> {
  try {
    const response = await fetch(`/api/v1/${path}`, { signal: AbortSignal.timeout(PATIENCE), ...init });
    const body: unknown = await response.json().catch(() => null);
    if (response.ok) return { ok: true, value: body as T };
    return { ok: false, status: response.status, why: whyOf(body) ?? `the daemon answered ${response.status}` };
  } catch {
    return { ok: false, status: null, why: 'the daemon does not answer' };
  }
}

function whyOf(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || !('error' in body)) return null;
  const { error } = body;
  if (typeof error === 'string') return error;
  return typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string' ? error.message : null;
}
