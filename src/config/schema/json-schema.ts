import * as z from 'zod/mini';
import { configSchema } from './schema.ts';

/** The JSON Schema of tac8.yaml, for editors; draft 7, which all of them read. */
export function configJsonSchema(): string {
  const schema = z.toJSONSchema(configSchema, { io: 'input', target: 'draft-7' });
  return `${JSON.stringify({ title: 'tac8.yaml', description: 'Settings of the tac8 coordinator.', ...schema }, null, 2)}\n`;
}
