import { parseObject } from '../words/fields.ts';

/** OpenCode's server, from this side. Nothing of it throws. */
export interface Http {
  /** Null: it was not reached. */
  readonly ask: (method: 'GET' | 'POST', path: string, body?: object) => Promise<{ readonly status: number; readonly text: string } | null>;
  /** What it tells by itself, a line each, until it tells no more. */
  readonly events: (take: (line: string) => void) => Promise<void>;
}

/** It answers at once, whatever its model does. */
const ANSWERS = 120_000;

/** It listens on loopback, where others of this machine could reach it: they do not know the secret. */
export function createHttp(address: string, secret: string): Http {
  const headers = { authorization: `Basic ${btoa(`opencode:${secret}`)}`, 'content-type': 'application/json' };
  return {
    ask: async (method, path, body) => {
      try {
        const answer = await fetch(new URL(path, address), {
          method,
          headers,
          signal: AbortSignal.timeout(ANSWERS),
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        return { status: answer.status, text: await answer.text() };
      } catch {
        return null;
      }
    },
    events: async (take) => {
      try {
        const { body } = await fetch(new URL('/event', address), { headers });
        const decoder = new TextDecoder();
        let held = '';
        for await (const piece of body ?? []) {
          held += decoder.decode(piece as Uint8Array, { stream: true });
          const lines = held.split('\n');
          held = lines.pop() ?? '';
          for (const line of lines) if (line.startsWith('data: ')) take(line.slice('data: '.length));
        }
      } catch {
        // It is gone: its process tells how.
      }
    },
  };
}

/** Why it refused, in its own words. */
export function refusalOf(answer: { readonly status: number; readonly text: string } | null): string {
  if (answer === null) return 'its server does not answer';
  const fields = parseObject(answer.text);
  const data = fields?.data as { readonly message?: unknown } | undefined;
  const words = typeof data?.message === 'string' ? data.message : answer.text;
  return `its server answered ${answer.status}: ${words.slice(0, 500)}`;
}
