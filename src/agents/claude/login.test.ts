import { expect, test } from 'vitest';
import { claudeLogin } from './login.ts';

const CREDENTIALS = '.claude/.credentials.json';
const SETTINGS = '.claude/settings.json';
const TOKENS = { accessToken: 'sk-ant-oat01-x', refreshToken: 'sk-ant-ort01-x', expiresAt: 1_800_000_000_000, scopes: ['user:inference'] };
const verdict = (
  files: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
  platform = 'linux',
  passedOn = Object.keys(env),
) => claudeLogin({ isSet: (name) => (env[name] ?? '') !== '', passedOn, readHome: (path) => files[path] ?? null, platform });

test.each<[string, ReturnType<typeof verdict>, string, RegExp]>([
  ['the login that `claude` writes', verdict({ [CREDENTIALS]: JSON.stringify({ claudeAiOauth: TOKENS }) }), 'ok', /logged in/],
  ['one that is to be renewed', verdict({ [CREDENTIALS]: JSON.stringify({ claudeAiOauth: { refreshToken: 'x' } }) }), 'ok', /logged in/],
  ['beside a tool server’s', verdict({ [CREDENTIALS]: JSON.stringify({ mcpOAuth: {}, claudeAiOauth: TOKENS }) }), 'ok', /logged in/],
  ['a tool server’s alone', verdict({ [CREDENTIALS]: JSON.stringify({ mcpOAuth: { oauth: TOKENS } }) }), 'bad', /no login/],
  ['after a logout', verdict({ [CREDENTIALS]: '{"claudeAiOauth":{"accessToken":"","refreshToken":""}}' }), 'bad', /no login/],
  ['an empty file', verdict({ [CREDENTIALS]: '{}' }), 'bad', /no login/],
  ['half a file', verdict({ [CREDENTIALS]: '{"claudeAiOauth":{"accessToken":"x' }), 'bad', /no login/],
  ['no object', verdict({ [CREDENTIALS]: '"claudeAiOauth"' }), 'bad', /no login/],
  ['nothing', verdict({}), 'bad', /no login/],
  ['nothing that can be seen on a Mac', verdict({}, {}, 'darwin'), 'unknown', /keychain/],
  ['a key that is passed on', verdict({}, { ANTHROPIC_API_KEY: 'k' }), 'ok', /ANTHROPIC_API_KEY is set/],
  ['a key that is not passed on', verdict({}, { ANTHROPIC_API_KEY: 'k' }, 'linux', []), 'bad', /not passed on/],
  ['a key that is passed on and empty', verdict({}, { ANTHROPIC_API_KEY: '' }), 'bad', /no login/],
  ['a helper in the settings', verdict({ [SETTINGS]: '{"apiKeyHelper":"x"}' }), 'ok', /settings.json names a login/],
])('%s', (_what, { level, says, mend }, expected, words) => {
  expect(level).toBe(expected);
  expect(says).toMatch(words);
  expect(mend === null).toBe(level === 'ok');
});
