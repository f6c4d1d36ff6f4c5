import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configJsonSchema } from '../src/config/json-schema.ts';

/** Writes schema/tac8.schema.json anew after a change of src/config/schema.ts. */
const folder = join(import.meta.dirname, '..', 'schema');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'tac8.schema.json'), configJsonSchema());
