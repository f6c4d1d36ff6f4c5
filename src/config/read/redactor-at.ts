import { redactor } from '../../core/words/secrets.ts';
import { secretsIn } from '../secret-names.ts';
import type { Environment } from './environment.ts';
import { loadConfig } from './load.ts';

/** Takes out keys and tokens as `tac8 export` does; where the settings cannot be read, those that tell by their shape. */
export function redactorAt(root: string, env: Environment): (text: string) => string {
  const loaded = loadConfig(root, env);
  return redactor(loaded.ok ? secretsIn(loaded.config, env) : []);
}
