import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { codexRoutes, insideArgs } from './provider.ts';

const PROVIDER = `model = "gpt-x" # mine
model_provider = "corp"
[model_providers.corp]
name = "Corp"
base_url = "https://llm.corp/v1"
env_key = 'CORP_KEY'
[model_providers.corp.http_headers]
base_url = "https://elsewhere.example"
[[other]]
model = "none"
`;
const reads = (files: Readonly<Record<string, string>>) => (path: string) => files[path] ?? null;
const CONFIG = '.codex/config.toml';
const LOGIN = '.codex/auth.json';

test('the provider of the person’s settings is asked with its own key', () => {
  const [route] = codexRoutes(reads({ [CONFIG]: PROVIDER, [LOGIN]: '{"tokens":{"access_token":"t"}}' }));
  expect(route).toMatchObject({ address: { standard: 'https://llm.corp/v1' }, variables: [{ name: 'CORP_KEY' }], file: null });
});

test('a provider without a key is asked without a login', () => {
  const [route] = codexRoutes(reads({ [CONFIG]: PROVIDER.replace(/env_key.*\n/, '') }));
  expect(route).toMatchObject({ variables: [], isOpen: true });
});

test.each([
  ['', 'https://api.openai.com/v1', ['OPENAI_API_KEY']],
  ['{"OPENAI_API_KEY":"k","tokens":null}', 'https://api.openai.com/v1', ['OPENAI_API_KEY']],
  ['{"tokens":{"access_token":"t","account_id":"a"}}', 'https://chatgpt.com/backend-api/codex', ['tokens', 'access_token']],
])('with the login %j it asks %s', (login, standard, at) => {
  const [route] = codexRoutes(reads({ [LOGIN]: login }));
  expect(route).toMatchObject({ address: { standard }, file: { at } });
});

test('inside, its arguments name the way out, the variable with the placeholder, and the model of the person’s settings', () => {
  const home = mkdtempSync(join(tmpdir(), 'tac8-codex-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  mkdirSync(join(home, '.codex'));
  writeFileSync(join(home, CONFIG), PROVIDER);
  const settings = { boxed: true, home, env: ['CORP_KEY'], machine: { CORP_KEY: 'secret' } };
  const args = insideArgs(settings).join(' ');
  expect(args).toContain('-c model="gpt-x"');
  expect(args).toContain('-c model_providers.tac8.base_url="http://127.0.0.1:3128/codex"');
  expect(args).toContain('-c model_providers.tac8.env_key="CORP_KEY"');
  expect(args).not.toMatch(/secret|llm\.corp/);
  expect(insideArgs({ ...settings, boxed: false })).toEqual([]);
});
