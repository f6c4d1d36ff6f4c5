import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apiUrlFor, parseRemote } from './remote.ts';

describe('parseRemote', () => {
  it.each([
    ['https://github.com/acme/widgets.git', 'acme', 'widgets', 'github.com'],
    ['https://github.com/acme/widgets', 'acme', 'widgets', 'github.com'],
    ['https://github.com/acme/widgets/', 'acme', 'widgets', 'github.com'],
    ['https://x-access-token:ghs_abc@github.com/acme/widgets.git', 'acme', 'widgets', 'github.com'],
    ['http://127.0.0.1:4999/acme/widgets.git', 'acme', 'widgets', '127.0.0.1:4999'],
    ['git://github.com/acme/widgets.git', 'acme', 'widgets', 'github.com'],
    ['git@github.com:acme/widgets.git', 'acme', 'widgets', 'github.com'],
    ['git@github.com:/acme/widgets.git', 'acme', 'widgets', 'github.com'],
    ['github.com:acme/widgets', 'acme', 'widgets', 'github.com'],
    ['ssh://git@ssh.github.com:443/acme/widgets.git', 'acme', 'widgets', 'github.com'],
    ['ssh://git@ghe.example.com:2222/acme/wid.gets', 'acme', 'wid.gets', 'ghe.example.com'],
    ['https://GHE.Example.com/a_b/C.js.git\n', 'a_b', 'C.js', 'ghe.example.com'],
    ['https://www.github.com/acme/.github', 'acme', '.github', 'github.com'],
  ])('%s', (url, owner, name, host) => {
    expect(parseRemote(url)).toEqual({ owner, name, host });
  });

  it.each([
    '',
    '/srv/git/widgets.git',
    '../widgets',
    'file:///srv/git/acme/widgets.git',
    'C:/repos/widgets',
    'C:\\repos\\widgets',
    'https://gitlab.example.com/group/sub/widgets.git',
    'https://github.com/widgets',
    'https://github.com/acme/..',
    'https://github.com/acme/wid gets',
    'git@github.com:acme/wid?gets',
    'https://github.com/-acme/widgets',
  ])('names no repository: %s', (url) => {
    expect(parseRemote(url)).toBeNull();
  });

  it('never throws, and never answers a piece with a slash or a login in it', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const repo = parseRemote(text);
        if (repo) expect(`${repo.owner}${repo.name}${repo.host}`).not.toMatch(/[/@\s]/);
      }),
    );
  });
});

it('guesses the API root', () => {
  expect(apiUrlFor('github.com')).toBe('https://api.github.com');
  expect(apiUrlFor('acme.ghe.com')).toBe('https://api.acme.ghe.com');
  expect(apiUrlFor('ghe.example.com:8443')).toBe('https://ghe.example.com:8443/api/v3');
  expect(apiUrlFor('127.0.0.1:8443')).toBe('http://127.0.0.1:8443/api/v3');
});
