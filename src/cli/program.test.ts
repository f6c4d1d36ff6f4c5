import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { createProgram } from './program.ts';

interface Named {
  readonly name: string;
  readonly command: Command;
}

const below = ({ name, command }: Named): readonly Named[] =>
  command.commands.flatMap((one) => {
    const named = { name: `${name} ${one.name()}`, command: one };
    return [named, ...below(named)];
  });

const ALL = below({ name: 'tac8', command: await createProgram() });

function helpOf(command: Command): string {
  const said: string[] = [];
  command.configureOutput({ writeOut: (words) => said.push(words) });
  command.outputHelp();
  return said.join('');
}

/** What is typed in an example: up to the pipe, the redirection or the words about it. */
const examplesIn = (help: string): readonly string[] =>
  [...help.matchAll(/^ {2}.*?\b(tac8 .*)$/gm)].map(([, line = '']) => line.split(/ {2,}| [|>] /)[0] ?? '');

test.each(ALL)('$name: its help has an example, and the options in it are its own', ({ name, command }) => {
  // A group shows those of its commands, and they show the group's.
  const examples = examplesIn(helpOf(command)).filter((line) => line.startsWith(name) || name.startsWith(line.split(' ', 2).join(' ')));
  expect(examples).not.toEqual([]);
  for (const line of examples) {
    const of = ALL.findLast((one) => line.startsWith(one.name))?.command.options ?? [];
    // Behind ` -- ` stand the options of another program.
    for (const flag of (line.split(' -- ')[0] ?? '').match(/ --?[a-zA-Z-]+/g) ?? [])
      expect(of.flatMap(({ long, short }) => [long, short])).toContain(flag.trim());
  }
});

const WORDS = ALL.map(({ name }) => name.split(' ').slice(1));

test.each(WORDS.map((words) => ({ words })))('$words: its own file alone knows it as all of them do', async ({ words }) => {
  const [name = ''] = words;
  const among = ALL.find((one) => one.name === `tac8 ${words.join(' ')}`);
  for (const line of [words, ['-C', 'start', ...words], ['-Cstart', ...words], ['--repo-dir=start', ...words]]) {
    const alone = below({ name: 'tac8', command: await createProgram(line) });
    expect(alone.length).toBeLessThan(ALL.length / 2);
    expect(alone.map((one) => one.name)).toContain(`tac8 ${name}`);
    const found = alone.find((one) => one.name === among?.name);
    expect(found && helpOf(found.command)).toBe(among && helpOf(among.command));
  }
});

test.each([[[]], [['help', 'why']], [['wyh']], [['--json', 'why']], [['-C']], [['--']]])('%j: all of them', async (line) => {
  expect(below({ name: 'tac8', command: await createProgram(line) }).map(({ name }) => name)).toEqual(ALL.map(({ name }) => name));
});
