import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

const LOOK_EVERY = 150;
/** The first start in a sandbox tries ways out of it, which takes a slow machine a minute. */
const STARTS = 180_000;
const PATIENCE = 30_000;
const address = z.object({ url: z.url() });

/** A link to the page of the demo's daemon, as `tac8 page` has it, once it is there. Null: it does not come. */
export async function pageLink(repository: string, signal: AbortSignal): Promise<string | null> {
  const file = join(repository, '.tac8/http.json');
  for (const end = Date.now() + STARTS; !existsSync(file); await sleep(LOOK_EVERY)) if (signal.aborted || Date.now() > end) return null;
  try {
    const { url } = address.parse(JSON.parse(readFileSync(file, 'utf8')));
    const token = readFileSync(join(repository, '.tac8/page-token'), 'utf8').trim();
    const asking = {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
    };
    return address.parse(await (await fetch(`${url}/api/v1/links`, asking)).json()).url;
  } catch {
    return null; // the demo goes on without a page
  }
}
