import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { keepApart } from './conversation.ts';
import { gitIncluded, settingsOf, writeSettings } from './surroundings.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'tac8-gemini-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

test('the workers’ configuration of git comes after the single settings that are there', () => {
  expect(gitIncluded({ GIT_CONFIG_GLOBAL: '/tac8/gitconfig', GIT_CONFIG_COUNT: '1' })).toEqual({
    GIT_CONFIG_COUNT: '2',
    GIT_CONFIG_KEY_1: 'include.path',
    GIT_CONFIG_VALUE_1: '/tac8/gitconfig',
  });
  expect(gitIncluded({})).toEqual({});
});

test('a project is not trusted but by setting; what the person has set stays', () => {
  const person = {
    general: { maxAttempts: 7 },
    security: { auth: { selectedType: 'oauth-personal' }, folderTrust: { enabled: false } },
    x: 1,
  };
  expect(settingsOf(person, false, { GEMINI_API_KEY: 'k' })).toMatchObject({
    ...{ general: { maxAttempts: 7, enableAutoUpdate: false }, x: 1 },
    security: { auth: { selectedType: 'oauth-personal' }, folderTrust: { enabled: true } },
  });
  expect(settingsOf(person, true, {})).toMatchObject({ security: { folderTrust: { enabled: false } } });
  expect(settingsOf({}, false, { GEMINI_API_KEY: 'k' })).toMatchObject({ security: { auth: { selectedType: 'gemini-api-key' } } });
});

test('they are written in place of a link to the person’s, which stays as it is', () => {
  const [home, person] = [folder(), folder()];
  for (const one of [home, person]) mkdirSync(join(one, '.gemini'));
  const theirs = '{ // mine\n "ui": { "theme": "a // b" } }';
  writeFileSync(join(person, '.gemini/settings.json'), theirs);
  symlinkSync(join(person, '.gemini/settings.json'), join(home, '.gemini/settings.json'));
  writeSettings(home, person, false, {});
  expect(JSON.parse(readFileSync(join(home, '.gemini/settings.json'), 'utf8'))).toMatchObject({ ui: { theme: 'a // b' } });
  expect(readFileSync(join(person, '.gemini/settings.json'), 'utf8')).toBe(theirs);
});

test('a conversation that is taken up stands under another minute, and none is written over', () => {
  const home = folder();
  const chats = join(home, '.gemini/tmp/gh-1/chats');
  mkdirSync(chats, { recursive: true });
  const names = [
    'session-2000-01-01T00-00-0123abcd.jsonl',
    'session-2026-11-29T20-39-0123abcd.jsonl',
    'session-2026-11-29T20-39-89abcdef.jsonl',
  ];
  for (const name of names) writeFileSync(join(chats, name), name);
  keepApart(home, '0123abcd-0000-4000-8000-000000000000');
  const moved = join(chats, 'session-2000-01-01T00-01-0123abcd.jsonl');
  expect(existsSync(moved)).toBe(true);
  expect(readFileSync(moved, 'utf8')).toBe(names[1]);
  expect(readdirSync(chats).sort()).toEqual([names[0], 'session-2000-01-01T00-01-0123abcd.jsonl', names[2]]);
});
