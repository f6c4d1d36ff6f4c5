import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { between, roomTable } from './fence/fence.ts';
import { readSources } from './fence/imports.ts';
import { mapPage } from './fence/map.ts';

/** Writes the table of AGENTS.md from scripts/fence/rooms/, and docs/map.md from the imports that there are. */
const root = join(import.meta.dirname, '..');
const agents = join(root, 'AGENTS.md');
writeFileSync(agents, between(readFileSync(agents, 'utf8'), roomTable()));
writeFileSync(join(root, 'docs/map.md'), mapPage(readSources(root)));
