import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from '../config/settings.ts';
import { messageOf } from '../core/message-of.ts';
import type { Ms } from '../core/seen.ts';
import type { Trouble } from '../engine/loop.ts';
import type { Log } from '../engine/ports.ts';
import { readFamilies, type Sources } from './figures.ts';
import type { Health } from './server.ts';

export interface ServeOptions {
  readonly http: Settings['http'];
  /** `.tac8/`: where the address is written down. */
  readonly state: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly sources: Sources;
  /** Between two looks at GitHub, in ms: the loop ticks at least so often. */
  readonly interval: () => Ms;
  readonly log: Log;
}

/** Where the daemon can be asked, in `.tac8/http.json` while it runs. */
export interface HttpAddress {
  readonly url: string;
  readonly pid: number;
}

/** More than the longest pause of the loop by so much: it hangs. */
const HANGS_AFTER: Ms = 60_000;

/**
 * Serves metrics and health of this daemon. What is wrong with it (a port that cannot be had) is a warning: the work goes on without.
 * Answers how to end it.
 */
export async function serveDaemon({ http, state, env, sources, interval, log }: ServeOptions): Promise<() => Promise<void>> {
  if (!http.enabled) return async () => undefined;
  const file = join(state, 'http.json');
  try {
    const { startHttp } = await import('./server.ts');
    const server = await startHttp({
      host: http.host,
      port: http.port,
      token: env[http.tokenEnv] || null,
      // Not before somebody asks: the formatter weighs as much as the server.
      metrics: async () => (await import('./metrics-page.ts')).renderFamilies(readFamilies(sources)),
      health: () => healthOf(sources, interval()),
      onError: (error) => log.error(`http: ${messageOf(error)}`),
    });
    if (http.port !== 0 && server.port !== http.port)
      log.warn(`http: port ${http.port} is taken, metrics are at ${server.url}/metrics (http.port sets another)`);
    else log.info(`http: metrics are at ${server.url}/metrics`);
    await writeAddress(file, { url: server.url, pid: process.pid });
    return async () => {
      await rm(file, { force: true });
      await server.close();
    };
  } catch (error) {
    const why = messageOf(error);
    log.warn(
      `http: ${http.host}:${http.port} cannot be listened on: ${why}; no metrics are served (http.port sets another, http.enabled: false none)`,
    );
    return async () => undefined;
  }
}

async function writeAddress(file: string, address: HttpAddress): Promise<void> {
  await writeFile(`${file}.tmp`, `${JSON.stringify(address)}\n`, { mode: 0o600 });
  await rename(`${file}.tmp`, file);
}

/** Whether the loop still looks and decides; what it thinks of the work is not asked here. */
function healthOf({ store, now, pulse }: Sources, interval: Ms): Health {
  const trouble = store.fact<Trouble>('trouble');
  if (trouble !== null) return { ok: false, text: `the loop fails since ${new Date(trouble.at).toISOString()}: ${trouble.message}` };
  const { lastTickAt, startedAt } = pulse();
  const quiet = now() - (lastTickAt ?? startedAt);
  return quiet > interval + HANGS_AFTER
    ? { ok: false, text: `the loop has not looked for ${Math.round(quiet / 1000)} s` }
    : { ok: true, text: 'ok' };
}
