import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { coverWords } from './view.ts';

test('of a folder of settings, what not everybody may read is covered, and nothing else', () => {
  const dir = mkdtempSync(join(tmpdir(), 'tac8-cover-'));
  const file = (path: string, mode: number): void => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), '');
    chmodSync(join(dir, path), mode);
  };
  file('settings', 0o644);
  file('deep/er/open', 0o444);
  file('deep/er/key', 0o640);
  file('private/key', 0o644);
  chmodSync(join(dir, 'private'), 0o710);
  file('listed/key', 0o644);
  chmodSync(join(dir, 'listed'), 0o754);
  symlinkSync('private/key', join(dir, 'link'));
  const words = coverWords(dir, '/etc/there');
  chmodSync(dir, 0o755);
  const open = coverWords(dir, '/etc/there');
  rmSync(dir, { recursive: true });
  expect(words).toEqual(['--tmpfs', '/etc/there', '--remount-ro', '/etc/there']);
  const empty = (path: string) => ['--tmpfs', path, '--remount-ro', path];
  expect(new Set(open.join(' ').split(/ (?=--(?:tmpfs|ro-bind))/))).toEqual(
    new Set(['--ro-bind /dev/null /etc/there/deep/er/key', empty('/etc/there/private').join(' '), empty('/etc/there/listed').join(' ')]),
  );
  expect(coverWords('/nowhere/at/all', '/etc/there')).toEqual([]);
});
