import type { Argument, Command, Option } from 'commander';
import type { CommandRow, OptionRow, ValueRow } from './command-table.ts';

/** As shell/commands.json has it; scripts/write-commands.ts writes it. */
export const tableText = (program: Command): string => `${JSON.stringify(tableOf(program), null, 1)}\n`;

/** The table of a program and of all commands below it. */
function tableOf(program: Command): CommandRow {
  const help = program.createHelp();
  const [options, commands] = [help.visibleOptions(program), help.visibleCommands(program)];
  return {
    name: program.name(),
    aliases: program.aliases(),
    about: program.description(),
    options: [...new Set([...program.options, ...options])].map((option) =>
      optionRow(option, { known: program.options.includes(option), offered: options.includes(option) }),
    ),
    arguments: program.registeredArguments.map((one) => ({
      name: one.name(),
      variadic: one.variadic,
      ...valueRow(one, one.name(), false),
    })),
    commands: [...new Set([...program.commands, ...commands])].map((one) => ({
      ...tableOf(one),
      known: program.commands.includes(one),
      offered: commands.includes(one),
    })),
  };
}

function optionRow(option: Option, offered: Pick<OptionRow, 'known' | 'offered'>): OptionRow {
  const { long = null, short = null, description, required } = option;
  const value = required ? valueRow(option, option.attributeName(), /<dir>/.test(option.flags)) : null;
  return { long, short, about: description, value, ...offered };
}

function valueRow({ argChoices: choices = [] }: Argument | Option, name: string, isFolder: boolean): ValueRow {
  return { choices, is: name === 'priority' || name === 'task' ? name : isFolder ? 'folder' : 'any' };
}
