import { describe, expect, it } from 'vitest';
import { PortError } from '../../../engine/ports/error.ts';
import type { Log } from '../../../engine/ports/records/log.ts';
import { once } from './once.ts';
import { createPace, createTurns } from './turns.ts';

const silent = () => undefined;
const log: Log = { debug: silent, info: silent, warn: silent, error: silent };
const signal = new AbortController().signal;

/** A forge that holds one thing at most per `make`, and loses answers on request. */
function forge(error: Error | null, options: { applies: boolean; showsAtLook?: number } = { applies: true }) {
  let made = 0;
  let looks = 0;
  return {
    made: () => made,
    look: async () => {
      looks += 1;
      return made > 0 && looks >= (options.showsAtLook ?? 0) ? 'thing' : null;
    },
    make: async () => {
      if (options.applies) made += 1;
      if (error) throw error;
      return 'thing';
    },
  };
}

const lost = new PortError('retryable', 'no answer');
const run = (world: ReturnType<typeof forge>) => once({ ...world, lookDelays: [0, 0], log, signal });

describe('once', () => {
  it('makes, and the next time only looks', async () => {
    const world = forge(null);
    expect(await run(world)).toEqual({ value: 'thing', made: true });
    expect(await run(world)).toEqual({ value: 'thing', made: false });
    expect(world.made()).toBe(1);
  });

  it('finds what a lost answer left behind, also when it shows late', async () => {
    expect(await run(forge(lost))).toEqual({ value: 'thing', made: true });
    expect(await run(forge(lost, { applies: true, showsAtLook: 3 }))).toEqual({ value: 'thing', made: true });
  });

  it('never makes twice in one call, whatever it finds', async () => {
    const world = forge(lost, { applies: false });
    await expect(run(world)).rejects.toBe(lost);
    const slow = forge(lost, { applies: true, showsAtLook: 4 });
    await expect(run(slow)).rejects.toBe(lost);
    expect(await run(slow)).toEqual({ value: 'thing', made: false });
    expect(slow.made()).toBe(1);
  });

  it.each(['terminal', 'limited', 'unknown'] as const)('hands on a %s refusal without looking', async (sort) => {
    const refused = new PortError(sort, 'no');
    await expect(run(forge(refused))).rejects.toBe(refused);
  });
});

describe('turns of writing', () => {
  it('lets one look-and-write through at a time, also after a failure', async () => {
    const inTurn = createTurns();
    const seen: string[] = [];
    const piece = (name: string, fails = false) =>
      inTurn(async () => {
        seen.push(`${name} in`);
        await new Promise((next) => setImmediate(next));
        seen.push(`${name} out`);
        if (fails) throw new Error(name);
      }, signal);
    const results = await Promise.allSettled([piece('a', true), piece('b'), piece('c')]);
    expect(seen).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
    expect(results.map((result) => result.status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  });

  it('does not begin for a caller who has left', async () => {
    const left = AbortSignal.abort();
    await expect(createTurns()(async () => expect.unreachable(), left)).rejects.toMatchObject({ sort: 'retryable' });
  });

  it('keeps the pace, and lets a waiting caller leave', async () => {
    const pace = createPace(60_000, () => 5);
    await pace(signal);
    const leave = new AbortController();
    const waiting = pace(leave.signal);
    leave.abort();
    await expect(waiting).rejects.toMatchObject({ sort: 'retryable' });
  });
});
