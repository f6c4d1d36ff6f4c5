import { expect, it } from 'vitest';
import { createLimitKeeper } from './limits.ts';

const good = {
  status: 200,
  headers: { 'x-ratelimit-limit': '5000', 'x-ratelimit-remaining': '4000', 'x-ratelimit-reset': '1700003600' },
  data: {},
};

it('a good answer that was under way when another was refused does not lift the hold', () => {
  const keeper = createLimitKeeper(() => 1_700_000_000_000);
  keeper.refuse('t', { status: 403, headers: { 'retry-after': '60' }, data: { message: 'slow down' } });
  keeper.note('t', good);
  expect(keeper.wait('t')).toEqual({ until: 1_700_000_060_000, because: 'slow down' });
  expect(keeper.read()).toMatchObject({ limit: 5000, remaining: 4000, until: 1_700_000_060_000 });
});

it('takes no notice of the allowance for searches, or of headers that are no numbers', () => {
  const keeper = createLimitKeeper(() => 0);
  keeper.note('t', { ...good, headers: { ...good.headers, 'x-ratelimit-resource': 'search', 'x-ratelimit-remaining': '0' } });
  keeper.note('t', { ...good, headers: { 'x-ratelimit-remaining': 'none' } });
  expect(keeper.read()).toBeNull();
});
