import { expect, test } from 'vitest';
import { MODEL } from '../../agents/claude/login.ts';
import { DOOR, servicesOf } from './services.ts';

const ENV = { ANTHROPIC_API_KEY: 'the-key', CLAUDE_CODE_OAUTH_TOKEN: 'the-token' };
const routes = [{ ...MODEL, file: null }];
const toldOf = (name: string, agents: Parameters<typeof servicesOf<string>>[0]) => {
  const [service] = servicesOf(agents, ENV, '/nowhere').get(name) ?? [];
  return { route: service?.route, inside: service?.inside };
};

test('two agents that ask the same service with different logins have each its own way to it, and its own placeholder', () => {
  const agents = new Map([
    ['first', { routes, env: ['ANTHROPIC_API_KEY'] }],
    ['second', { routes, env: ['CLAUDE_CODE_OAUTH_TOKEN'] }],
  ]);
  const first = toldOf('first', agents);
  const second = toldOf('second', agents);
  expect(first.route).toMatchObject({ prefix: '/model', header: 'x-api-key', value: 'the-key' });
  expect(Object.keys(first.inside ?? {})).toEqual(['ANTHROPIC_BASE_URL', 'ANTHROPIC_API_KEY']);
  expect(second.route).toMatchObject({ prefix: '/model-2', header: 'authorization', value: 'the-token' });
  expect(second.inside).toMatchObject({
    ANTHROPIC_BASE_URL: `${DOOR}/model-2`,
    CLAUDE_CODE_OAUTH_TOKEN: expect.stringMatching(/^placeholder-/),
  });
});

test('two with the same login share the way', () => {
  const agents = new Map(
    ['first', 'second', 'third'].map((name) => [name, { routes, env: name === 'third' ? [] : ['ANTHROPIC_API_KEY'] }]),
  );
  expect(toldOf('second', agents)).toEqual(toldOf('first', agents));
  expect(toldOf('third', agents).route).toBeUndefined();
});
