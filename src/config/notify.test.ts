import { expect, test } from 'vitest';
import { parseConfig } from './read/load.ts';

const complaints = (text: string): readonly string[] => {
  const parsed = parseConfig(text, {});
  return parsed.ok ? [] : parsed.problems.map(({ path, message }) => `${path}: ${message}`);
};

test.each([
  ['notify: [{ kind: command }]', 'notify[0]: needs command, such as [./scripts/tell.sh]'],
  [
    'notify: [{ kind: slack, url: "http://127.0.0.1/", command: [x] }]',
    'notify[0]: kind slack has no command: take it out, or write kind: command',
  ],
  [
    'notify: [{ kind: command, command: [a], name: slack }, { kind: slack, url: "http://127.0.0.1/" }]',
    'notify[1]: another place is called slack, too: give it a name',
  ],
  ['alerts: { ping_url: "http://127.0.0.1/", ping_url_env: PING }', 'alerts.ping_url_env: ping_url is given, too: take one of them out'],
])('%s', (text, complaint) => {
  expect(complaints(text)).toEqual([complaint]);
});

test('channels without a name are called by their kind', () => {
  const parsed = parseConfig(
    'notify: [{ kind: slack, url_env: A }, { kind: slack, url_env: B }, { kind: ntfy, name: phone, url_env: C }]',
    {},
  );
  expect(parsed.ok && parsed.config.notify.map(({ name }) => name)).toEqual(['slack', 'slack-2', 'phone']);
});
