import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { imageCalled } from './image.ts';
import { programFolders, scriptsIn } from './programs.ts';

const ID = 'a'.repeat(64);
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tac8-image-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** Answers as podman does, and writes down what it was asked. */
function podman(more: string): readonly string[] {
  const path = join(dir, 'podman');
  const known = `image) echo 'sha256:${ID} ["PATH=/opt/own/bin","LANGUAGE=en","HOME=/root","GIT_DIR=/x","bad line"]' ;;`;
  const script = `#!/bin/sh\necho "$@" >>'${dir}/asked'\ncase $1 in\n${more}\n${known}\ncreate) echo c1 ;;\nexport) tar -cf "$3" -C '${dir}/files' . ;;\nesac\n`;
  mkdirSync(join(dir, 'files/etc'), { recursive: true });
  for (const name of ['motd', 'shadow']) writeFileSync(join(dir, 'files/etc', name), name);
  writeFileSync(path, script, { mode: 0o755 });
  return [path];
}
const look = (places: readonly string[]) => imageCalled('widgets:1', join(dir, 'images'), places);
const asked = (): readonly string[] => readFileSync(join(dir, 'asked'), 'utf8').trim().split('\n');

test('an image is unpacked once, without its passwords, and its container goes', () => {
  const places = podman('');
  const image = look(places);
  expect(image).toEqual({ name: 'widgets:1', system: join(dir, 'images', ID), env: { PATH: '/opt/own/bin', LANGUAGE: 'en' } });
  expect(readdirSync(join(dir, 'images', ID, 'etc'))).toEqual(['motd']);
  expect(asked().map((line) => line.split(' ')[0])).toEqual(['image', 'create', 'export', 'rm']);
  expect(look(places)).toEqual(image);
  expect(asked()).toHaveLength(5);
});

test.each([
  [
    'is not there',
    'image) echo "Error: widgets:1: image not known" >&2; exit 125 ;;',
    /^podman has no image widgets:1 \(Error: .* not known\): podman pull/,
  ],
  ['makes no container', 'create) echo "Error: no space" >&2; exit 125 ;;', /^the image widgets:1 cannot be unpacked: Error: no space$/],
  ['is not written', 'export) echo "Error: broken" >&2; exit 1 ;;', /cannot be unpacked: Error: broken$/],
  ['is no archive', 'export) echo none >"$3" ;;', /cannot be unpacked: tar: /],
])('an image that %s is one sentence, and half of it is never taken for one', (_, more, words) => {
  expect(look(podman(more))).toMatch(words);
  expect(existsSync(join(dir, 'images')) ? readdirSync(join(dir, 'images')) : []).toEqual([]);
});

test('without podman it says so', () => {
  expect(look([join(dir, 'none')])).toMatch(/^podman is not installed/);
});

test('of the programs that are named, an image’s own count first; what it lacks comes from this machine', () => {
  mkdirSync(join(dir, 'bin'));
  for (const name of ['own', 'lacks']) writeFileSync(join(dir, 'bin', name), '', { mode: 0o755 });
  mkdirSync(join(dir, 'system', dir, 'bin'), { recursive: true });
  writeFileSync(join(dir, 'system', dir, 'bin/own'), '');
  const shown = programFolders('/usr/bin', [join(dir, 'bin/own'), join(dir, 'bin/lacks'), 'env'], [], join(dir, 'system'));
  expect(shown).toContain(join(dir, 'bin/lacks'));
  expect(shown).not.toContain(join(dir, 'bin/own'));
  expect(shown).toContain('/usr/bin/env');
  expect(programFolders('/usr/bin', ['env'], [], null)).toEqual([]);
});

test('of a command line, the programs that it names by whole paths', () => {
  for (const name of ['check', 'other']) writeFileSync(join(dir, name), '', { mode: 0o755 });
  writeFileSync(join(dir, 'keys'), '');
  const line = `cd ${dir} && ${dir}/check --with=${dir}/keys; /usr/bin/env X='${dir}/other' ./check`;
  expect(scriptsIn(['/bin/sh', '-c', line])).toEqual([join(dir, 'check'), join(dir, 'other')]);
  expect(scriptsIn([join(dir, 'check')])).toEqual([]);
});
