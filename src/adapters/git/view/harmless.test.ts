import { describe, expect, test } from 'vitest';
import { readSettings } from './config-text.ts';
import { harmless, writeSettings } from './harmless.ts';

const taken = (text: string): Record<string, string> | string => {
  const found = harmless(text);
  return 'problem' in found ? found.problem : Object.fromEntries(found.settings);
};

describe('what of a repository’s settings git is given', () => {
  test('its format and how files are written, and nothing that names a program, a file, a host or other settings', () => {
    const harm = [
      [
        'core',
        'hooksPath',
        'fsmonitor',
        'sshCommand',
        'editor',
        'pager',
        'attributesFile',
        'excludesFile',
        'worktree',
        'askPass',
        'gitProxy',
      ],
      ['include', 'path'],
      ['includeIf "gitdir:/"', 'path'],
      ['filter "x"', 'clean', 'smudge', 'process', 'required'],
      ['diff "x"', 'textconv', 'command'],
      ['diff', 'external', 'ignoreSubmodules'],
      ['merge "x"', 'driver'],
      ['credential', 'helper'],
      ['alias', 'status'],
      ['gpg', 'program', 'format'],
      ['remote "origin"', 'url', 'promisor', 'uploadpack'],
      ['submodule "x"', 'update'],
      ['uploadpack', 'packObjectsHook'],
      ['a key of a later git', 'program'],
    ].map(
      ([section = '', ...keys]) =>
        `[${section.startsWith('a key') ? 'later' : section}]\n${keys.map((key) => `\t${key} = true\n`).join('')}`,
    );
    const good = '[core]\n\trepositoryformatversion = 0\n\tfileMode = false\n\tautocrlf = input\n[user]\n\tname = A "B"\n';
    expect(taken(harm.join('') + good)).toEqual({
      'core.repositoryformatversion': '0',
      'core.filemode': 'false',
      'core.autocrlf': 'input',
      'user.name': 'A B',
    });
  });

  test.each([
    ['core.autocrlf', '!touch x'],
    ['core.eol', '../x'],
    ['core.sharedRepository', '07777'],
    ['core.bigFileThreshold', '1e9'],
    ['index.version', '9'],
    ['user.name', 'a\\nb <c>'],
  ])('%s = %s is left out', (key, value) => {
    const [section, name] = key.split('.');
    expect(taken(`[${section}]\n\t${name} = ${value}\n`)).toEqual({ 'core.repositoryformatversion': '0' });
  });

  test.each([
    [
      '[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = sha256\n',
      { 'core.repositoryformatversion': '1', 'extensions.objectformat': 'sha256' },
    ],
    ['[core]\n\trepositoryformatversion = 1\n[extensions]\n\trefStorage = reftable\n', 'the extension refstorage = reftable is not known'],
    ['[core]\n\trepositoryformatversion = 1\n[extensions]\n\tnew = 1\n', 'the extension new = 1 is not known'],
    ['[core]\n\trepositoryformatversion = 2\n', 'the format 2 of the repository is not known'],
    ['[core', 'it is not of the form that git reads'],
  ])('%j', (text, expected) => expect(taken(text)).toEqual(expected));

  test('is written so that it is read again', () => {
    const settings = [
      ['user.name', 'A "quoted" \\ name'],
      ['filter.a "b".clean', 'x -- %f\ny'],
    ] as const;
    expect(readSettings(writeSettings(settings))).toEqual(settings);
  });
});
