/** A word for a POSIX shell that reads back byte for byte. */
export const shellWord = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** The same for a command that people read and copy: bare where nothing in it means something to a shell. */
export const plainShellWord = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : shellWord(text));
