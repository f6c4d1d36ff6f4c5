import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { State } from './contract.ts';

/* A daemon that is gone, and one that hangs with its connections open: told within three seconds, by the browser's clock; and back by itself. */

const THREE_SECONDS = 3_000;

type Heard = (event: { readonly data: string }) => void;

/** The daemon as a browser has it: it answers and beats, hangs, or is gone. */
let daemon: 'there' | 'hangs' | 'gone';
const sources = new Set<Source>();

class Source {
  readonly heard = new Map<string, Heard>();
  readonly beats: ReturnType<typeof setInterval>;
  constructor() {
    sources.add(this);
    setTimeout(() => {
      if (daemon === 'gone') this.say('error');
      if (daemon === 'there') this.say('state', { at: new Date().toISOString(), tasks: [] });
    });
    this.beats = setInterval(() => {
      if (daemon === 'there') this.say('beat');
    }, 1_000);
  }
  addEventListener(name: string, heard: Heard): void {
    this.heard.set(name, heard);
  }
  say(name: string, data: unknown = {}): void {
    this.heard.get(name)?.({ data: JSON.stringify(data) });
  }
  close(): void {
    clearInterval(this.beats);
    sources.delete(this);
  }
}

/** As the browser's: what is asked of one that hangs ends with its time limit alone. */
const fetched = (_: string, { signal }: { readonly signal: AbortSignal }): Promise<Response> =>
  new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('too long')));
    if (daemon === 'gone') reject(new Error('refused'));
    if (daemon === 'there') resolve(Response.json({ at: new Date().toISOString(), tasks: [] } as unknown as State));
  });

beforeEach(() => {
  vi.useFakeTimers();
  vi.resetModules();
  daemon = 'there';
  vi.stubGlobal('EventSource', Source);
  vi.stubGlobal('fetch', fetched);
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    const aborted = new AbortController();
    setTimeout(() => aborted.abort(), ms);
    return aborted.signal;
  });
});
afterEach(() => {
  for (const source of sources) source.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

// It may end at any moment between two of its beats.
test.each([
  'hangs',
  'gone',
] as const)('one that %s is told of within three seconds, what it said last is kept, and its return is seen', async (way) => {
  for (const after of [1, 300, 600, 999]) {
    vi.resetModules();
    const { fleet, follow, isStale, lost, returns } = await import('./fleet.ts');
    daemon = 'there';
    follow();
    await vi.advanceTimersByTimeAsync(5_000 + after);
    expect([fleet.value?.tasks, lost.value, isStale.value]).toEqual([[], null, false]);

    const died = Date.now();
    daemon = way;
    if (way === 'gone') for (const source of sources) source.say('error');
    await vi.advanceTimersByTimeAsync(THREE_SECONDS - 1);
    expect(isStale.value, `${after} ms after a beat`).toBe(true);
    expect(lost.value?.why).toBe('the daemon does not answer');
    // The age is that of the last word of it, not of the moment at which it was missed.
    expect(died - (lost.value?.since ?? 0)).toBeGreaterThanOrEqual(0);
    expect(died - (lost.value?.since ?? 0)).toBeLessThanOrEqual(1_000);
    expect(fleet.value?.tasks).toEqual([]);

    await vi.advanceTimersByTimeAsync(60_000);
    expect(isStale.value).toBe(true);
    daemon = 'there';
    await vi.advanceTimersByTimeAsync(THREE_SECONDS);
    expect([lost.value, isStale.value, returns.value]).toEqual([null, false, 1]);
    for (const source of sources) source.close();
  }
});

test('facts of a daemon that answers, and whose loop has not looked for long, are old until it looks again', async () => {
  const { fleet, follow, isStale, lost } = await import('./fleet.ts');
  follow();
  await vi.advanceTimersByTimeAsync(1_000);
  const looked = (ago: number): void => {
    const at = Date.now();
    const state = { at: new Date(at).toISOString(), seen_at: new Date(at - ago).toISOString(), tasks: [] };
    for (const source of sources) source.say('state', state);
  };
  looked(0);
  expect(isStale.value).toBe(false);
  // It beats all the while; that it is there says nothing of what it shows.
  await vi.advanceTimersByTimeAsync(89_000);
  expect([isStale.value, lost.value]).toEqual([false, null]);
  await vi.advanceTimersByTimeAsync(3_000);
  expect([isStale.value, lost.value]).toEqual([true, null]);
  looked(1_000);
  expect([isStale.value, fleet.value?.tasks]).toEqual([false, []]);
});

test('a daemon that is slow, and answers, is not told of as gone', async () => {
  const { follow, lost } = await import('./fleet.ts');
  follow();
  await vi.advanceTimersByTimeAsync(2_000);
  // No beat for long: its loop is busy; what it is asked it answers.
  for (const source of sources) clearInterval(source.beats);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(lost.value).toBe(null);
});
