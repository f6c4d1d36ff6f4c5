import { expect, it } from 'vitest';
import { issue } from '../../../test/support/world/world.ts';
import type { Dependency } from '../../core/model/forge.ts';
import { known } from '../../core/model/seen.ts';
import { watchDependencies } from './dependency-watch.ts';

const MINUTE = 60_000;
const nothing = (): void => undefined;
const blocked = (number: number, open: number, total = open) => issue(number, { dependencies: { open, total } });
const on = (number: number, open = true): Dependency => ({ name: `#${number}`, number, open });

/** A watch with a clock of its own, whose answers are at hand. */
function scene(answer: (number: number) => readonly Dependency[] = () => [on(12)]) {
  let now = 1_000_000;
  let atOnce = 0;
  let most = 0;
  const asked: number[] = [];
  const work: Promise<void>[] = [];
  const watch = watchDependencies({
    clock: { now: () => now, steady: () => now, spent: () => now, at: () => nothing, local: String, startOfDay: () => 0 },
    log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
    track: (one) => void work.push(one),
    onAnswers: nothing,
    interval: () => 30_000,
    async ask(number) {
      asked.push(number);
      atOnce += 1;
      most = Math.max(most, atOnce);
      await null;
      atOnce -= 1;
      return answer(number);
    },
  });
  return {
    watch,
    /** Asks, and answers about which issues the forge was asked. */
    async want(...numbers: number[]): Promise<readonly number[]> {
      asked.length = 0;
      watch.want(numbers, known(null, now));
      await Promise.all(work.splice(0));
      return [...asked];
    },
    wait(ms: number) {
      now += ms;
    },
    most: () => most,
  };
}

it('asks once, and again when the list says that others are open', async () => {
  const { watch, want, wait } = scene();
  watch.noteList([blocked(7, 1), blocked(8, 2)]);
  expect(await want(7, 8)).toEqual([7, 8]);
  wait(MINUTE);
  watch.noteList([blocked(7, 1), blocked(8, 1, 2)]);
  expect(await want(7, 8)).toEqual([8]);
  expect(watch.answers().get(7)).toMatchObject({ known: true, at: 1_000_000 });
});

it('asks again after ten minutes, and of very many issues more seldom', async () => {
  const { want, wait } = scene();
  await want(7);
  wait(10 * MINUTE - 1);
  expect(await want(7)).toEqual([]);
  wait(1);
  expect(await want(7)).toEqual([7]);
  const many = Array.from({ length: 600 }, (_, n) => n + 1);
  await want(...many);
  wait(49 * MINUTE);
  expect(await want(...many)).toEqual([]);
  wait(MINUTE);
  expect(await want(...many)).toHaveLength(600);
});

it('asks with the next poll for what did not come, and for what contradicts the list', async () => {
  const failing = scene(() => {
    throw new Error('GitHub answered 502');
  });
  await failing.want(7);
  failing.wait(29_000);
  expect(await failing.want(7)).toEqual([]);
  failing.wait(1_000);
  expect(await failing.want(7)).toEqual([7]);
  expect(failing.watch.answers().get(7)).toEqual({ known: false, because: 'GitHub answered 502', since: 1_000_000 });

  const closed = scene(() => [on(12, false)]);
  await closed.want(7);
  closed.wait(1);
  expect(await closed.want(7)).toEqual([7]);
});

it('never asks more than four at once, and forgets whom nobody lists', async () => {
  const { watch, want, wait, most } = scene();
  await want(1, 2, 3, 4, 5, 6, 7, 8, 9);
  expect(most()).toBe(4);
  watch.noteList([blocked(1, 1)]);
  expect(watch.answers().size).toBe(9);
  wait(11 * MINUTE);
  watch.noteList([blocked(1, 1)]);
  expect([...watch.answers().keys()]).toEqual([1]);
});

it('a clock that is set back makes nothing fresh for ever', async () => {
  const { want, wait } = scene();
  await want(7);
  wait(-MINUTE);
  expect(await want(7)).toEqual([7]);
});

it('asks once more where the clock was set back, not until it is there again', async () => {
  const { watch, want, wait } = scene();
  watch.noteList([blocked(7, 1)]);
  expect(await want(7)).toEqual([7]);
  wait(-2 * MINUTE);
  expect(await want(7)).toEqual([7]);
  wait(1_000);
  expect(await want(7)).toEqual([]);
});
