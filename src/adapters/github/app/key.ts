import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { PortError } from '../../../engine/ports/error.ts';
import { readPlainFile } from '../../../files/open-plain.ts';
import { writeWhole } from '../../../files/write-whole.ts';

/** A GitHub App as tac8 keeps it: whose number, and what it proves that with. */
export interface AppKey {
  readonly id: number;
  /** Its name in addresses; it comments as `slug[bot]`. */
  readonly slug: string;
  readonly pem: string;
  readonly webhookSecret: string | null;
  /** Its page at the forge. */
  readonly page: string;
}

const MOST = 64 * 1024;
const keyShape = z.object({
  id: z.number().int().positive(),
  slug: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]*$/),
  pem: z.string().includes('PRIVATE KEY'),
  webhookSecret: z.string().nullable(),
  page: z.string(),
});

/** Where the key of an App is: in the person's own settings, which no repository and no box shows. Null: this person has no home. */
export function appFile(env: Readonly<Record<string, string | undefined>>, host: string, id: number): string | null {
  const settings = env.XDG_CONFIG_HOME || (env.HOME ? join(env.HOME, '.config') : null);
  return settings === null ? null : join(settings, 'tac8/apps', `${host.replace(/[^A-Za-z0-9.-]/g, '_')}-${id}.json`);
}

/** Whole or not at all, and for this person's eyes alone. */
export async function keepAppKey(file: string, key: AppKey): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  // GitHub tells the key once.
  await writeWhole(file, `${JSON.stringify(key, null, 2)}\n`, { flush: true });
}

export async function readAppKey(file: string | null, id: number): Promise<AppKey> {
  const hint =
    '`tac8 init --app` makes an App and keeps its key. If the App was made on another machine, copy that file from there (mode 600).';
  if (file === null) throw new PortError('terminal', `the key of GitHub App ${id} is kept in a home folder, and there is none`, { hint });
  try {
    const { mode } = await stat(file);
    if ((mode & 0o077) !== 0)
      throw new PortError('terminal', `others on this machine may read the key of GitHub App ${id}`, { hint: `chmod 600 ${file}` });
    const key = keyShape.safeParse(JSON.parse(await readPlainFile(file, MOST)));
    if (key.success && key.data.id === id) return key.data;
  } catch (error) {
    if (error instanceof PortError) throw error;
    if (!(error instanceof SyntaxError))
      throw new PortError('terminal', `the key of GitHub App ${id} is not there to read: ${file}`, { hint, cause: error });
  }
  throw new PortError('terminal', `${file} is not the key of GitHub App ${id}`, { hint });
}
