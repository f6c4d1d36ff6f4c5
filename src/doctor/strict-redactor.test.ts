import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { strictRedactor } from './strict-redactor.ts';

const ENV = {
  HOME: '/home/ann',
  MY_TOKEN: 'correct horse/battery+staple',
  DEPLOY_PASSWORD: 'hunter2-hunter2',
  PLAIN: 'visible-value',
  NAMED: 'known-by-name-only',
};
const redact = strictRedactor(ENV, ['NAMED']);

/** What must not be there afterwards, and a text that holds it. */
const HIDDEN: readonly (readonly [string, string])[] = [
  ['AAAAAAAAAAAAAAAAAAAA', 'git said ghp_AAAAAAAAAAAAAAAAAAAA and left'],
  ['BBBBBBBBBBBBBBBBBBBB', '{"x":"github_pat_11BBBBBBBBBBBBBBBBBBBB_yyyyyyyyyy"}'],
  ['CCCCCCCCCCCCCCCC', 'key sk-ant-api03-CCCCCCCCCCCCCCCC-dd'],
  ['dG9rZW46c2VjcmV0', 'Authorization: Basic dG9rZW46c2VjcmV0'],
  ['opaque-words-of-any-kind', 'authorization: "token opaque-words-of-any-kind"'],
  ['abcdef0123456789', 'curl -H "Authorization: Bearer abcdef0123456789"'],
  ['s3cr3t', 'fetch https://ann:s3cr3t@github.com/acme/widgets.git failed'],
  ['0123abcd0123abcd', 'https://0123abcd0123abcd@git.example.com/x'],
  ['T000/B000/XXXX', 'url: https://hooks.slack.com/services/T000/B000/XXXX'],
  ['987654/abcDEF', 'https://discord.com/api/webhooks/987654/abcDEF'],
  ['swordfish', 'password: swordfish'],
  ['sword fish', '"db_password": "sword fish"'],
  ['swordfish', `api_key='swordfish'`],
  ['swordfish', JSON.stringify({ text: JSON.stringify({ client_secret: 'swordfish' }) })],
  ['a\\"b', '{"secret": "a\\"b"}'],
  ['QUERYSECRET', 'GET /x?page=1&access_token=QUERYSECRET&y=2'],
  ['correct horse', 'it said correct horse/battery+staple'],
  ['correct%20horse', 'it said correct%20horse%2Fbattery%2Bstaple'],
  ['hunter2', 'the value hunter2-hunter2 in the open'],
  ['known-by-name', 'known-by-name-only'],
  ['MIIEow', '-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----'],
  [
    Buffer.from('x-access-token:hunter2-hunter2').toString('base64').slice(22, 38),
    `basic login ${Buffer.from('x-access-token:hunter2-hunter2').toString('base64')}`,
  ],
];

describe('what is given away', () => {
  test.each(HIDDEN)('does not hold %s', (secret, text) => {
    expect(text).toContain(secret);
    expect(redact(text)).not.toContain(secret);
    expect(redact(text)).toContain('[redacted]');
  });

  test('still says what it is about', () => {
    const text =
      'token_env: GITHUB_TOKEN\nlimits: { tokens: 25M }\nPLAIN=visible-value\nauthor: ann <ann@example.com>\n{"tokens":123,"state":"failed"}';
    expect(redact(text)).toBe(text);
    expect(redact('/home/ann/repo/logs')).toBe('~/repo/logs');
  });

  test('is still JSON where it was', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('token', 'x', 'password'), fc.string()), fc.string(), (inner, word) => {
        const text = JSON.stringify({ secret: word, inner, text: JSON.stringify(inner) });
        expect(() => JSON.parse(redact(text))).not.toThrow();
      }),
      { numRuns: 300 },
    );
  });

  test('is made in time that grows with the text', () => {
    const began = performance.now();
    for (const piece of ['a.', 'token ', '"', 'a://', 'eyJ', '\\"', 'token: ', 'x=']) redact(piece.repeat(100_000));
    expect(performance.now() - began).toBeLessThan(15_000);
  });
});
