import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableText } from '../src/cli/complete/table-of.ts';
import { createProgram } from '../src/cli/program.ts';

/** Writes shell/commands.json anew after a change of a command, its options or arguments. */
writeFileSync(join(import.meta.dirname, '../shell/commands.json'), tableText(await createProgram()));
