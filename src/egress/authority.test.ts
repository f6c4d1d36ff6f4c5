import { expect, test } from 'vitest';
import { isListed, parseAuthority, written } from './authority.ts';

test.each([
  ['pkgs.a.example:443', 'pkgs.a.example:443'],
  ['Pkgs.A.Example:443', 'pkgs.a.example:443'],
  ['localhost:5432', 'localhost:5432'],
  ['93.184.216.34:80', '93.184.216.34:80'],
  ['[2606:2800:220::1]:443', '[2606:2800:220::1]:443'],
])('%s is read in one way', (text, read) => {
  const asked = parseAuthority(text);
  expect(asked === null ? null : written(asked)).toBe(read);
});

test.each([
  ...['127.1:80', '2130706433:80', '0x7f.1:80', '0x7f000001:80', '0177.0.0.1:80', '127.0.0.1.:80', '1.2.3.4.5:80'],
  ...['host', 'host:', 'host:0', 'host:65536', 'host:080', 'host:443:443', 'host:+443', ' host:443', 'host :443', ':443'],
  ...[
    'a@b:443',
    'http://a:443',
    'a/b:443',
    'a#b:443',
    'a\0b:443',
    'a\r\nb:443',
    'a%2eb:443',
    'ａ.example:443',
    'a..b:443',
    '-a:443',
    'a.:443',
  ],
  ...['[::1%lo]:80', '[::1:80', '::1:80', '[127.0.0.1]:80', '[]:80', `${'a'.repeat(64)}:80`, `${'a.'.repeat(127)}a:80`],
])('%j is refused', (text) => {
  expect(parseAuthority(text)).toBeNull();
});

test.each([
  ['a.example:443', ['a.example'], true],
  ['a.example:443', ['A.Example'], true],
  ['a.example:80', ['a.example'], false],
  ['a.example:8443', ['a.example:8443'], true],
  ['b.a.example:443', ['a.example'], false],
  ['b.a.example:443', ['*.a.example'], true],
  ['a.example:443', ['*.a.example'], false],
  ['xa.example:443', ['*.a.example', 'a.example'], false],
  ['a.example.evil:443', ['a.example', '*.a.example'], false],
  ['[::1]:5432', ['[::1]:5432'], true],
] as const)('%s on the list %j: %s', (text, list, is) => {
  const asked = parseAuthority(text);
  expect(asked !== null && isListed(asked, list)).toBe(is);
});
