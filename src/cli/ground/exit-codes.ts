/** What a caller can tell from the exit code alone; the table in docs/commands.md is tested against it. */
export const EXIT = {
  done: 0,
  /** It did not work; the message says why. */
  failed: 1,
  /** The command line or tac8.yaml is wrong. */
  usage: 2,
  /** No daemon runs on this repository. */
  noDaemon: 3,
  /** Another daemon runs on this repository. */
  held: 4,
  /** There is no such task, or it is in no state for that. */
  refused: 5,
} as const;

/** Ends a command with that code and, unless null, a message on stderr. */
export class Exit extends Error {
  readonly code: number;
  readonly hint: string;
  constructor(code: number, message: string, hint = '') {
    super(message);
    this.name = 'Exit';
    this.code = code;
    this.hint = hint;
  }
}
