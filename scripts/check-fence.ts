import { join, resolve } from 'node:path';
import { refusals } from './fence/fence.ts';
import { readSources } from './fence/imports.ts';
import { pageRefusals, readPageSources } from './fence/page.ts';

/** Names every import below src/ that scripts/fence/rooms/ does not allow, and those of the page. A part of `npm run lint`. */
const root = resolve(process.argv[2] ?? join(import.meta.dirname, '..'));
const found = [...readSources(root)].flatMap(([file, code]) => refusals(file, code));
for (const { file, line, said } of found) console.error(`src/${file}:${line}: ${said} (scripts/fence/rooms/)`);
const ofPage = [...readPageSources(root)].flatMap(([file, code]) => pageRefusals(file, code));
for (const { file, line, said } of ofPage) console.error(`web/src/${file}:${line}: ${said} (scripts/fence/page.ts)`);
if (found.length + ofPage.length > 0) process.exitCode = 1;
