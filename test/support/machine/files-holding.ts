import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The plain files below a folder that hold the text, whatever they are; links are not followed. One that goes meanwhile holds nothing. */
export function filesHolding(folder: string, text: string): readonly string[] {
  const wanted = Buffer.from(text);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => lstatSync(path, { throwIfNoEntry: false })?.isFile() === true && holds(path, wanted));
}

function holds(path: string, wanted: Buffer): boolean {
  try {
    return readFileSync(path).includes(wanted);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
