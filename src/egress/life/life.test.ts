import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { endedOf, isOpenerLine, openerLine } from './life.ts';

const dir = mkdtempSync(join(tmpdir(), 'tac8-life-'));
let gone = '';

beforeAll(async () => {
  const child = spawn('/bin/true', { stdio: 'ignore' });
  gone = `@${child.pid} 1`;
  await once(child, 'close');
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const WORDS = { here: openerLine(), another: openerLine().replace(/\d+$/, '1'), unsaid: '', nonsense: '@x y' };
const SECOND = 1000;

/** Who opened it, what its folder holds (null: there is none), how old the socket is in seconds, and whether it is over. */
const CASES: readonly (readonly [keyof typeof WORDS | 'gone', readonly string[] | null, number, boolean])[] = [
  ['here', null, 0, false],
  ['here', null, 601, true],
  ['gone', null, 0, true],
  ['another', null, 0, true],
  ['unsaid', null, 0, false],
  ['unsaid', null, 601, true],
  ['nonsense', null, 0, false],
  // A shell may be about to begin it.
  ['gone', [], 0, false],
  ['gone', ['parent'], 9, false],
  ['gone', ['parent'], 11, true],
  ['here', [], 601, false],
  ['unsaid', [], 601, false],
  // It goes on without its daemon.
  ['gone', ['launched'], 601, false],
  ['here', ['launched', 'exit'], 0, true],
  ['gone', ['launched', 'exit'], 0, true],
];

test.each(['runs', 'jobs'])('which sockets of %s are over', (kind) => {
  const place = join(dir, kind);
  const [runs, known] = [join(place, 'runs'), join(place, 'known')];
  mkdirSync(known, { recursive: true });
  const names = CASES.map(([opener, files, age], at) => {
    const name = `w-${at}`;
    writeFileSync(join(known, name), `gh-1\n${opener === 'gone' ? gone : WORDS[opener]}\nregistry.example\n`);
    const made = Date.now() / SECOND - age;
    utimesSync(join(known, name), made, made);
    const folder = kind === 'jobs' ? join(runs, 'jobs', name) : join(runs, name);
    if (files !== null) mkdirSync(folder, { recursive: true });
    for (const file of files ?? []) writeFileSync(join(folder, file), '');
    return name;
  });
  expect(endedOf(runs, known, names)).toEqual(names.filter((_, at) => CASES[at]?.[3]));
  expect(endedOf(runs, known, ['w-nobody'])).toEqual(['w-nobody']);
});

test('no host, route or task is taken for an opener', () => {
  expect([openerLine(), '=', '/', '/model', 'gh-1', 'a.example:443', '*.example', '@1', '@a b'].map(isOpenerLine)).toEqual([
    true,
    ...Array.from({ length: 8 }, () => false),
  ]);
});
