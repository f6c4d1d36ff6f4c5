import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createProgram } from '../program.ts';
import type { CommandRow } from './command-table.ts';
import { completeWords } from './complete-words.ts';
import { tableText } from './table-of.ts';

const TABLE = readFileSync(join(import.meta.dirname, '../../../shell/commands.json'), 'utf8');

test('the table that Tab reads is that of the commands (else: node scripts/write-commands.ts)', async () => {
  expect(TABLE).toBe(tableText(await createProgram()));
});

const offered = async (...words: string[]): Promise<readonly string[]> => {
  const live = {
    tasks: (command: string, _: string, repoDir: string | null) => Promise.resolve([{ value: `${command} ${repoDir}`, about: '' }]),
  };
  const { candidates, folders } = await completeWords(JSON.parse(TABLE) as CommandRow, words, live);
  return folders ? [':folders'] : candidates.map(({ value }) => value);
};

test.each<[words: string[], offer: string[]]>([
  [['wh'], ['why']],
  [['he'], ['help']],
  [['help', ''], []],
  [
    ['why', '--'],
    ['--json', '--help', '--version', '--repo-dir'],
  ],
  [['why', '--json', '--j'], []],
  [
    ['why', '-'],
    ['--json', '--help', '--version', '--repo-dir'],
  ],
  [['why', '-h'], ['-h']],
  [['--repo-dir='], [':folders']],
  [['why', '--', '--'], []],
  [['demo', '--sab'], []],
  [['demo', '--sabotage', ''], []],
  [['demo', '--sabotage', 'x', '--sp'], ['--speed']],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
  [['completion', 'bash', ''], []],
  [
    ['service', ''],
    ['install', 'uninstall', 'status', 'help'],
  ],
  [['service', 'status', ''], []],
])('%j is offered %j', async (words, offer) => {
  expect(await offered(...words)).toEqual(offer);
});

test('tasks are asked for with the command, and the folder that was named', async () => {
  expect(await offered('-C', '/x', 'why', 'why')).toEqual(['why /x']);
});
