import type { CommandRow, OptionRow, ValueRow } from './command-table.ts';

/** One thing that Tab offers: what is put on the command line, and a few words on what it is. */
export interface Candidate {
  readonly value: string;
  readonly about: string;
}

/** What the word under the cursor may become. */
export interface Offer {
  readonly candidates: readonly Candidate[];
  /** The shell's own completion of folders is wanted instead. */
  readonly folders: boolean;
}

/** What only the running program knows; asked at most once, and only when it is needed. */
export interface Live {
  /** Tasks for this command, as typed so far; `repoDir`: the folder that `-C` named. */
  tasks(command: string, typed: string, repoDir: string | null): Promise<readonly Candidate[]>;
}

const NOTHING: Offer = { candidates: [], folders: false };
const PRIORITIES: readonly Candidate[] = [
  { value: '0', about: 'first' },
  { value: '1', about: 'soon' },
  { value: '2', about: 'in its turn' },
  { value: '3', about: 'last' },
];

/**
 * What the last of `words` can become. `words`: what stands after the program's name up to the cursor, the last one may be empty. Nothing is
 * offered where nothing sensible is known.
 */
export async function completeWords(program: CommandRow, words: readonly string[], live: Live): Promise<Offer> {
  const all = joinAssignments(words);
  const typed = all.at(-1) ?? '';
  const line = readLine(program, all.slice(0, -1));
  if (line.wants !== null) return startingWith(typed, valuesOf(line.wants.value, ''));
  const assigned = line.onlyArguments ? null : /^(--[^=]+)=(.*)$/s.exec(typed);
  if (assigned !== null) {
    const option = optionOf(line.commands, assigned[1] ?? '');
    // bash splits a word at `=` and puts back what stands after it alone; the others want the whole word.
    const front = words.at(-1) === typed ? `${assigned[1]}=` : '';
    return option === null ? NOTHING : startingWith(`${front}${assigned[2]}`, valuesOf(option.value, front));
  }
  if (typed.startsWith('-') && !line.onlyArguments) return startingWith(typed, only(optionsFor(line, typed)));
  return startingWith(typed, await argumentsFor(line, typed, live));
}

/** bash hands over `--name`, `=` and `value` as three words. */
function joinAssignments(words: readonly string[]): readonly string[] {
  const joined: string[] = [];
  for (const word of words) {
    const last = joined.at(-1);
    if (last?.startsWith('--') && (word === '=' || last.endsWith('='))) joined[joined.length - 1] = `${last}${word}`;
    else joined.push(word);
  }
  return joined;
}

interface Line {
  /** The program, and below it the command that was named. */
  readonly commands: readonly CommandRow[];
  readonly given: readonly string[];
  readonly used: ReadonlySet<string>;
  readonly repoDir: string | null;
  /** After `--`. */
  readonly onlyArguments: boolean;
  /** The word under the cursor is the value of this option. */
  readonly wants: OptionRow | null;
}

/** Goes along the words before the cursor as the parser would. */
function readLine(program: CommandRow, words: readonly string[]): Line {
  const commands: CommandRow[] = [program];
  const given: string[] = [];
  const used = new Set<string>();
  let repoDir: string | null = null;
  let onlyArguments = false;
  let wants: OptionRow | null = null;
  for (const word of words) {
    if (wants !== null) {
      if (wants.long === '--repo-dir') repoDir = word;
      wants = null;
    } else if (onlyArguments || !word.startsWith('-') || word === '-') {
      const below =
        given.length === 0
          ? commands.at(-1)?.commands.find(({ known, name, aliases }) => known && (name === word || aliases.includes(word)))
          : undefined;
      if (below === undefined) given.push(word);
      else commands.push(below);
    } else if (word === '--') onlyArguments = true;
    else {
      const [name = '', value] = word.split('=', 2);
      const option = optionOf(commands, name);
      used.add(option?.long ?? name);
      if (value !== undefined && option?.long === '--repo-dir') repoDir = value;
      if (option !== null && option.value !== null && value === undefined) wants = option;
    }
  }
  return { commands, given, used, repoDir, onlyArguments, wants };
}

function optionOf(commands: readonly CommandRow[], name: string): OptionRow | null {
  return commands.flatMap(({ options }) => options).find(({ known, long, short }) => known && (long === name || short === name)) ?? null;
}

function optionsFor({ commands, used }: Line, typed: string): readonly Candidate[] {
  const visible = commands.toReversed().flatMap(({ options }) => options.filter(({ offered }) => offered));
  const fresh = visible.filter((option) => !used.has(option.long ?? ''));
  const named = new Map<string, Candidate>();
  for (const option of fresh) {
    const value = option.long !== null && !/^-[^-]/.test(typed) ? option.long : (option.short ?? option.long ?? '');
    if (!named.has(value)) named.set(value, { value, about: option.about });
  }
  return [...named.values()];
}

async function argumentsFor(line: Line, typed: string, live: Live): Promise<Offer> {
  const command = line.commands.at(-1);
  if (command === undefined) return NOTHING;
  if (command.commands.length > 0) {
    if (line.given.length > 0) return NOTHING;
    return only(command.commands.filter(({ offered }) => offered).map(({ name, about }) => ({ value: name, about })));
  }
  const expected = command.arguments;
  const last = expected.at(-1);
  const argument = expected[line.given.length] ?? (last?.variadic === true ? last : undefined);
  if (argument?.is === 'task') return only(await live.tasks(command.name, typed, line.repoDir));
  return argument === undefined ? NOTHING : valuesOf(argument, '');
}

/** `front` stands before each value. */
function valuesOf(value: ValueRow | null, front: string): Offer {
  if (value === null) return NOTHING;
  if (value.choices.length > 0) return only(value.choices.map((choice) => ({ value: `${front}${choice}`, about: '' })));
  if (value.is === 'priority') return only(PRIORITIES.map((one) => ({ value: `${front}${one.value}`, about: one.about })));
  return { candidates: [], folders: value.is === 'folder' };
}

const only = (candidates: readonly Candidate[]): Offer => ({ candidates, folders: false });

const startingWith = (typed: string, { candidates, folders }: Offer): Offer => ({
  candidates: candidates.filter(({ value }) => value.startsWith(typed)),
  folders,
});
