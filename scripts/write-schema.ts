import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openApi } from '../src/api/openapi/openapi.ts';
import { configJsonSchema } from '../src/config/schema/json-schema.ts';
import { withAgentsTable } from './tables/agents-table.ts';
import { withSettingsTable } from './tables/settings-table.ts';

/** Writes schema/tac8.schema.json, schema/openapi.json and the tables in docs/settings.md and docs/agents.md anew after a change of the schema in src/config, of src/api or of src/agents. */
const root = join(import.meta.dirname, '..');
mkdirSync(join(root, 'schema'), { recursive: true });
writeFileSync(join(root, 'schema/tac8.schema.json'), configJsonSchema());
writeFileSync(join(root, 'schema/openapi.json'), `${JSON.stringify(openApi(), null, 2)}\n`);
const page = join(root, 'docs/settings.md');
writeFileSync(page, withSettingsTable(readFileSync(page, 'utf8')));
const agents = join(root, 'docs/agents.md');
writeFileSync(agents, withAgentsTable(readFileSync(agents, 'utf8')));
