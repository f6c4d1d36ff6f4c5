import { expect, test } from 'vitest';
import { readAsked } from './asked.ts';

const asked = (line: string) => {
  const found = readAsked(line.split(' '));
  return found === null ? null : { ...found, flags: [...found.flags] };
};

test.each([
  ['status', { command: 'status', from: null, task: null, flags: [] }],
  ['-C /srv/a status --json', { command: 'status', from: '/srv/a', task: null, flags: ['--json'] }],
  ['why 450', { command: 'why', from: null, task: 'gh-450', flags: [] }],
  ['--repo-dir .. why --json LOCAL-1', { command: 'why', from: '..', task: 'local-1', flags: ['--json'] }],
  ['plan --json', { command: 'plan', from: null, task: null, flags: ['--json'] }],
  ['diff #12 --stat --no-pager', { command: 'diff', from: null, task: 'gh-12', flags: ['--stat', '--no-pager'] }],
  ['report --offline --json', { command: 'report', from: null, task: null, flags: ['--offline', '--json'] }],
])('%s is answered at once', (line, what) => {
  expect(asked(line)).toEqual(what);
});

test.each([
  'status --watch',
  'status 12',
  'status --json --json',
  'why',
  'why 1 2',
  'why nothing',
  'why --help',
  'why --json=yes 1',
  'why 1 --',
  'plan --stat',
  'report --since 7d',
  '-C',
  '-C status',
  '-C --json status',
  'toString',
  'tell 12 why',
])('%s is the parser’s to judge', (line) => {
  expect(asked(line)).toBeNull();
});
