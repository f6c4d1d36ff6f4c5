import { expect, test } from 'vitest';
import { HOSTILE } from '../../support/text/hostile.ts';
import { workplace } from '../../support/world/daemon.ts';

/*
 * Ten issues whose texts held the loop, or the parser, once. The daemon answers `/healthz` meanwhile as it does with ten that say nothing.
 */

const NAMES = [
  'blanks before an end of line',
  'quotes',
  'lists',
  'closing brackets',
  'opening brackets',
  'calls of footnotes',
  'lines',
  'tables',
  'stars',
  'comments',
];

const median = (all: readonly number[]): number => [...all].sort((a, b) => a - b)[all.length >> 1] ?? Number.NaN;

test(
  'ten hostile issues: /healthz answers meanwhile, each task ends, and the history says whose text was read as plain text',
  { timeout: 400_000 },
  async (context) => {
    const place = await workplace(context, {});
    place.configure({
      agent: place.agent('echo done'),
      max_concurrent_workers: 4,
      limits: { min_free_memory: '16MiB', min_free_disk: '16MiB', attempts: 1 },
    });
    place.start();
    const http = await place.until('the address', () => place.read('.tac8/http.json') || null);
    const { url } = JSON.parse(http) as { url: string };
    /** How long each answer took, in ms, until so many tasks have ended. */
    const answersUntil = async (ended: number): Promise<readonly number[]> => {
      const took: number[] = [];
      await place.until(
        `${ended} ended tasks`,
        async () => {
          for (let n = 0; n < 10; n++) {
            const began = performance.now();
            expect((await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(20_000) })).status).toBe(200);
            took.push(performance.now() - began);
          }
          const { counts } = await place.status();
          return (counts.failed ?? 0) + (counts.completed ?? 0) === ended;
        },
        180_000,
      );
      return took;
    };
    for (const name of NAMES) place.issue(name, 'x'.repeat(60 * 1024));
    const calm = await answersUntil(NAMES.length);
    const hostile = NAMES.map((name) => [name, place.issue(name, HOSTILE[name]?.(60 * 1024) ?? '')] as const);
    const under = await answersUntil(2 * NAMES.length);
    expect(median(under)).toBeLessThan(3 * median(calm));
    const why = async (name: string): Promise<string> => (await place.tac8('why', `gh-${hostile.find(([one]) => one === name)?.[1]}`)).out;
    expect(await why('quotes')).toMatch(/could not be read as Markdown \(a line stands in more than 60 quotes and lists\)/);
    expect(await why('stars')).not.toMatch(/could not be read/);
  },
);
