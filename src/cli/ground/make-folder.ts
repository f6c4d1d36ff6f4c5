import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { EXIT, Exit } from './exit-codes.ts';

/**
 * The folder that an option names, made where it is not there, with those above it; its absolute path. Throws an Exit that names what is in the
 * way. Step by step: Node's recursive mkdir tries for ever where the system answers ENOENT below a folder that is there, as in /proc.
 */
export function makeFolder(name: string): string {
  const path = resolve(name);
  const there = statSync(path, { throwIfNoEntry: false });
  if (there?.isDirectory()) return path;
  if (there !== undefined) throw new Exit(EXIT.failed, `${path} is not a folder`, 'Name another one.');
  if (dirname(path) !== path) makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new Exit(EXIT.failed, `the folder ${path} cannot be made: ${why}`, 'Name another one.');
  }
  return path;
}
