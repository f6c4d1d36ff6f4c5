import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The plain files below a folder that hold the text, whatever they are; links are not followed. */
export function filesHolding(folder: string, text: string): readonly string[] {
  const wanted = Buffer.from(text);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => lstatSync(path).isFile() && readFileSync(path).includes(wanted));
}
