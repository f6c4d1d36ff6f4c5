/*
 * What Tab needs to know of the commands: written into shell/commands.json from the commands themselves, so that no key waits for forty
 * commands and their parser.
 */

export interface CommandRow {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly about: string;
  readonly options: readonly OptionRow[];
  readonly arguments: readonly (ValueRow & { readonly name: string; readonly variadic: boolean })[];
  /** Those below it; one that is `offered` alone has a name and no more. */
  readonly commands: readonly (CommandRow & Offered)[];
}

export interface OptionRow extends Offered {
  readonly long: string | null;
  readonly short: string | null;
  readonly about: string;
  /** Null: it takes none. */
  readonly value: ValueRow | null;
}

/** What a value can be, as far as that is known. */
export interface ValueRow {
  readonly choices: readonly string[];
  readonly is: 'priority' | 'folder' | 'task' | 'any';
}

interface Offered {
  /** Both are true of most: the parser's own help is offered and is none of the command's; a hidden one is known alone. */
  readonly known: boolean;
  readonly offered: boolean;
}
