import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PortError } from '../../../engine/ports/error.ts';
import type { Launch } from '../../../engine/ports/machine/workers.ts';
import { findBwrap, writeBox } from './bwrap.ts';

/** Starts the bridge beside it, and ends as the command does; everything else in the box ends with it. */
const SCRIPT = `[ ! -e ./bridge ] || /usr/bin/perl ./bridge </dev/null >/dev/null 2>&1 3<&- 4<&-
cd "$1" || exit 125
shift
"$@" 3<&- 4<&-
exit $?
`;

/** A command in a box, to be started by whoever has the terminal. */
export interface Entrance {
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  /** To be handed on as descriptors 3 and up. */
  readonly files: readonly number[];
  /** Once it has ended. */
  close(): void;
}

/**
 * The terminal stays the person's own: that a program types into it is refused by the filter of system calls. `folder`: one of its own, which is
 * made, and taken away at the close.
 */
export function enterBox(folder: string, { argv, env, cwd, box }: Pick<Launch, 'argv' | 'env' | 'cwd' | 'box'>): Entrance {
  const bwrap = findBwrap();
  if (box === undefined || bwrap === null) throw new PortError('terminal', 'there is no sandbox to run it in');
  const files: number[] = [];
  const close = (): void => {
    for (const file of files) closeSync(file);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeBox(folder, box, true);
    for (const name of ['box', 'filter']) files.push(openSync(join(folder, name), 'r'));
  } catch (error) {
    close();
    throw error;
  }
  return { argv: [bwrap, '--args', '3', '--seccomp', '4', '--', '/bin/sh', '-c', SCRIPT, 'tac8-box', cwd, ...argv], env, files, close };
}
