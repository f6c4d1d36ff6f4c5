import { expect, test } from 'vitest';
import { redactor } from './secrets.ts';

const SECRETS: readonly string[] = [
  `ghp_${'a1'.repeat(18)}`,
  `github_pat_${'b2'.repeat(20)}`,
  `sk-ant-api03-${'c3'.repeat(20)}`,
  `sk-proj-${'d4'.repeat(20)}`,
  `xoxb-1234567890-${'e5'.repeat(8)}`,
  `AKIA${'ABCD'.repeat(4)}`,
  `eyJ${'hbGciOi'.repeat(3)}.eyJ${'zdWIiOi'.repeat(3)}.${'c2ln'.repeat(6)}`,
  `-----BEGIN RSA PRIVATE KEY-----\n${'MIIE'.repeat(20)}\n-----END RSA PRIVATE KEY-----`,
  `-----BEGIN PRIVATE KEY-----\n${'cut off'.repeat(3)}`,
  `https://hooks.slack.com/services/T000/B000/${'x'.repeat(20)}`,
];

test.each(SECRETS)('%s is taken out wherever it stands', (secret) => {
  for (const text of [secret, `KEY=${secret}`, `"${secret}"`, `a (${secret}`]) {
    const clean = redactor([])(text);
    expect(clean).toContain('[redacted]');
    expect(clean).not.toContain(secret.slice(-12));
  }
});

test('known values, passwords in addresses, logins in headers', () => {
  const redact = redactor(['hunter2-of-mara', 'short', '  ', 'hunter2-of-mara-and-more']);
  expect(redact('is hunter2-of-mara-and-more, hunter2-of-mara, short')).toBe('is [redacted], [redacted], short');
  expect(redact('a://:b@')).toBe('a://:[redacted]@');
  expect(redact('git clone https://mara:geheim@host/x.git')).toBe('git clone https://mara:[redacted]@host/x.git');
  expect(redact("-H 'Authorization: Bearer abc.def' https://host")).toBe("-H 'Authorization: Bearer [redacted]' https://host");
});

test('what is no secret stays', () => {
  const text = 'task-sk-ant, mail@host.org, http://host:8080/a@b, src/sk-1.ts, commit 0a1b2c3d4e5f, authorization: none';
  expect(redactor([])(text)).toBe(text);
});
