import { expect, test } from 'vitest';
import { problemOf } from './problem.ts';

const PAGE = '<!DOCTYPE html><html><body>Not Found</body></html>';
test.each([
  [404, PAGE, 'terminal', /github\.api_url is https:\/\/HOST\/api\/v3/],
  [404, { message: 'Not Found' }, 'terminal', /check `repo`/],
  [404, '', 'terminal', /check `repo`/],
  [406, PAGE, 'unknown', /github\.api_url/],
  [502, PAGE, 'retryable', /asks again/],
  [409, { message: 'Head branch was modified.' }, 'retryable', /asks again/],
  [410, { message: 'Issues are disabled for this repo' }, 'terminal', /switched off/],
  [451, { message: 'Repository access blocked' }, 'terminal', /legal/],
] as const)('%i %j', (status, data, sort, hint) => {
  const problem = problemOf('GET', 'https://ghe.test/repos/acme/widgets', { status, data, headers: {}, url: '' } as never);
  expect(problem).toMatchObject({ sort, status, hint: expect.stringMatching(hint) });
});
