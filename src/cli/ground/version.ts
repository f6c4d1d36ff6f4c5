import { readFileSync } from 'node:fs';
import { ownFile } from '../../place/own-files.ts';

/** As package.json states it. */
export function version(): string {
  const text = readFileSync(ownFile('package.json'), 'utf8');
  const { version: number } = JSON.parse(text) as { version: string };
  return number;
}
