import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from '../config/settings.ts';
import type { Ms } from '../core/model/seen.ts';
import { messageOf } from '../core/words/message-of.ts';
import type { Log } from '../engine/ports/records/log.ts';
import { writeWhole } from '../files/write-whole.ts';
import { createOutlines } from '../transcript/outline/outlines.ts';
import { createKeys, pageToken } from './guard/keys.ts';
import { createKeeper } from './kept/keeper.ts';
import { createShelf } from './kept/shelf.ts';
import { readFamilies, type Sources } from './metrics/figures.ts';
import { type Entry, leave, register, registryOf } from './neighbours/registry.ts';
import type { Desk } from './routes/desk.ts';
import type { Health } from './server.ts';
import { readPageFiles } from './site/page.ts';
import { openDeliveries } from './webhooks/deliveries.ts';
import { createWebhooks, WEBHOOKS, type Webhooks } from './webhooks/receive.ts';

export interface ServeOptions {
  readonly http: Settings['http'];
  /** `.tac8/`: where the address is written down. */
  readonly state: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly sources: Sources;
  /** Between two looks at GitHub, in ms: the loop ticks at least so often. */
  readonly interval: () => Ms;
  readonly log: Log;
  /** The secret of webhooks, and how the forge is looked at at once; null: none are to be received. `missing`: said where there is no secret. */
  readonly webhooks: { readonly secret: () => Promise<string | null>; readonly missing: string; readonly hurry: () => void } | null;
  readonly desk: Desk;
  /** The folder of the built page. */
  readonly pageFolder: string;
}

/** Where the daemon can be asked, in `.tac8/http.json` while it runs. */
export interface HttpAddress {
  readonly url: string;
  readonly pid: number;
}

export interface Served {
  /** A link that lets one browser in, once; null: nothing is served. */
  newLink(): string | null;
  close(): Promise<void>;
}

const NOTHING: Served = { newLink: () => null, close: async () => undefined };

/** So many logs are had in short at a time; the long ones are kept in a folder besides. */
const MOST_LOGS = 16;
const KEPT = 'outlines';

/** More than the longest pause of the loop by so much: it hangs. */
const HANGS_AFTER: Ms = 60_000;

/**
 * Serves metrics and health of this daemon. What is wrong with it (a port that cannot be had) is a warning: the work goes on without.
 * Answers how to end it.
 */
export async function serveDaemon({ http, state, env, sources, interval, log, webhooks, desk, pageFolder }: ServeOptions): Promise<Served> {
  if (!http.enabled) return NOTHING;
  const file = join(state, 'http.json');
  try {
    // Both now, not when somebody asks: the package of a daemon may be replaced while it runs.
    const [{ startHttp }, { renderFamilies }] = await Promise.all([import('./server.ts'), import('./metrics/metrics-page.ts')]);
    const token = pageToken(state);
    const received = await webhooksOf(webhooks, { state, log, now: sources.now });
    let isClosing = false;
    // A look for a page that was in hand when the daemon leaves finds the store closed: that is nobody's trouble.
    const onError = (error: unknown): void => {
      if (!isClosing) log.error(`http: ${messageOf(error)}`);
    };
    const shelf = createShelf(join(state, KEPT), onError);
    const outlines = createOutlines(MOST_LOGS, shelf);
    const server = await startHttp({
      host: http.host,
      port: http.port,
      names: http.names,
      token: env[http.tokenEnv] || null,
      metrics: () => renderFamilies(readFamilies(sources)),
      health: () => healthOf(sources, interval()),
      api: { desk, outlines, keys: (port) => createKeys(token, env[http.tokenEnv] || null, port), page: readPageFiles(pageFolder) },
      webhooks: received,
      onError,
    });
    const keeper = createKeeper({ logs: desk.logs, store: desk.store, outlines, tidy: shelf.tidy, onError });
    if (received !== null) log.info(`webhooks: received at ${server.url}${WEBHOOKS}`);
    if (http.port !== 0 && server.port !== http.port)
      log.warn(`http: port ${http.port} is taken, metrics are at ${server.url}/metrics (http.port sets another)`);
    else log.info(`http: metrics are at ${server.url}/metrics`);
    await writeAddress(file, { url: server.url, pid: process.pid });
    const away = await beknown(env, { root: desk.root, url: server.url, pid: process.pid }, log);
    return {
      newLink: server.newLink,
      close: async () => {
        isClosing = true;
        // Whatever was put in its place keeps nobody from leaving.
        await rm(file, { force: true }).catch(() => undefined);
        await away();
        received?.close();
        await keeper.close();
        await server.close();
      },
    };
  } catch (error) {
    const why = messageOf(error);
    log.warn(
      `http: ${http.host}:${http.port} cannot be opened: ${why}; no metrics are served (http.port sets another port, http.enabled: false switches them off)`,
    );
    return NOTHING;
  }
}

async function webhooksOf(
  wanted: ServeOptions['webhooks'],
  { state, log, now }: Pick<ServeOptions, 'state' | 'log'> & Pick<Sources, 'now'>,
): Promise<Webhooks | null> {
  if (wanted === null) return null;
  const secret = await wanted.secret();
  if (secret === null) {
    log.warn(`webhooks: ${wanted.missing}, so none are received`);
    return null;
  }
  const deliveries = await openDeliveries(join(state, 'webhooks.jsonl'));
  return createWebhooks({ secret, deliveries, now, hurry: wanted.hurry, onError: (error) => log.error(`webhooks: ${messageOf(error)}`) });
}

/** So that the pages of this person's other repositories show it. Answers how to be forgotten. */
async function beknown(env: ServeOptions['env'], entry: Entry, log: Log): Promise<() => Promise<void>> {
  const folder = registryOf(env);
  try {
    if (folder !== null) await register(folder, entry);
    return async () => {
      if (folder !== null) await leave(folder, entry).catch(() => undefined);
    };
  } catch (error) {
    log.info(`http: pages of other repositories do not show this one: ${messageOf(error)}`);
    return async () => undefined;
  }
}

async function writeAddress(file: string, address: HttpAddress): Promise<void> {
  await writeWhole(file, `${JSON.stringify(address)}\n`);
}

/** Whether the loop still looks and decides; what it thinks of the work is not asked here. */
function healthOf({ store, now, pulse }: Sources, interval: Ms): Health {
  const { lastTickAt, startedAt, trouble: failing } = pulse();
  const trouble = failing ?? store.fact('trouble');
  if (trouble !== null)
    return { ok: false, text: `the loop has been failing since ${new Date(trouble.at).toISOString()}: ${trouble.message}` };
  const quiet = now() - (lastTickAt ?? startedAt);
  return quiet > interval + HANGS_AFTER
    ? { ok: false, text: `the loop has not run for ${Math.round(quiet / 1000)} s` }
    : { ok: true, text: 'ok' };
}
