import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configJsonSchema } from '../src/config/json-schema.ts';
import { withSettingsTable } from './settings-table.ts';

/** Writes schema/tac8.schema.json and the table in docs/settings.md anew after a change of the schema in src/config. */
const root = join(import.meta.dirname, '..');
mkdirSync(join(root, 'schema'), { recursive: true });
writeFileSync(join(root, 'schema/tac8.schema.json'), configJsonSchema());
const page = join(root, 'docs/settings.md');
writeFileSync(page, withSettingsTable(readFileSync(page, 'utf8')));
