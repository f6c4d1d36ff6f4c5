import { describe, expect, it } from 'vitest';
import { nextPage } from './links.ts';

const api = 'https://api.github.com';
const page = (link: string | undefined) => nextPage({ status: 200, headers: { link }, data: [] }, api);

describe('the next page', () => {
  it.each([
    [undefined, null],
    ['', null],
    ['<https://api.github.com/repositories/1/issues?page=1>; rel="prev"', null],
    [
      '<https://api.github.com/repositories/1/issues?labels=a%2Cb&page=1>; rel="prev", <https://api.github.com/repositories/1/issues?labels=a,b&page=3>; rel="next", <https://api.github.com/x>; rel="last"',
      'https://api.github.com/repositories/1/issues?labels=a,b&page=3',
    ],
    ['<https://api.github.com/x?after=Y3>; rel=next', 'https://api.github.com/x?after=Y3'],
    ['</x?page=2>; title="a"; rel="last next"', 'https://api.github.com/x?page=2'],
  ])('%s', (link, next) => {
    expect(page(link)).toBe(next);
  });

  it('is never asked of another server', () => {
    expect(() => page('<https://evil.example/x>; rel="next"')).toThrow(/another server/);
    expect(() => page('<http://api.github.com/x>; rel="next"')).toThrow(/another server/);
  });
});
