import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import type { State } from '../../api/state.ts';
import type { Ms } from '../../core/model/seen.ts';
import type { Keys } from '../guard/keys.ts';
import type { Users } from '../guard/users.ts';
import type { PageFile } from './page.ts';
import { plainFleet } from './plain-fleet.ts';

export interface PageOptions {
  /** Null: the page is not built. */
  readonly page: ReadonlyMap<string, PageFile> | null;
  readonly keys: Keys;
  readonly userOf: Users;
  readonly now: () => Ms;
  /** What is told to a browser without a script, once it was let in. */
  readonly fleet: () => State;
}

const USED = 'this link was used, or is older than 15 minutes: `tac8 page` prints another one\n';
const NOT_BUILT =
  'tac8: /metrics for Prometheus, /healthz for a health check, /api/v1 for programs; the page itself is not built (`npm run build:page`)\n';

const withFleet = (html: string, state: State): string =>
  html.replace(/<noscript>.*?<\/noscript>/s, () => `<noscript>${plainFleet(state)}</noscript>`);

/**
 * The page's own files, and the link that lets a browser in. The files tell nothing of the fleet: whoever comes may have them. Who was let in is
 * given the fleet with the first of them, for a browser without a script.
 */
export function addPageRoutes(app: Hono<{ Bindings: HttpBindings }>, { page, keys, userOf, now, fleet }: PageOptions): void {
  // The key stands behind the #, which no browser sends to anybody: the page takes it from there into its own storage.
  app.get('/enter', (c) => {
    const entered = keys.enter(c.req.query('code') ?? '', now(), userOf(c.env.incoming.socket));
    if (entered === null) return c.text(USED, 403);
    c.header('set-cookie', entered.cookie);
    return c.redirect(`/#key=${entered.key}`, 303);
  });
  app.get('*', async (c, next) => {
    const { path } = c.req;
    const isView = !/\.\w+$/.test(path) && !path.startsWith('/assets/');
    if (path.startsWith('/api/')) return next();
    if (page === null && path === '/') return c.text(NOT_BUILT);
    const file = page?.get(isView ? '/index.html' : path);
    if (file === undefined) return next();
    const sent = { authorization: null, cookie: c.req.header('cookie') ?? null, key: null };
    const letIn = keys.right(sent, userOf(c.env.incoming.socket)) !== null;
    if (path === '/' && letIn)
      return c.html(withFleet(new TextDecoder().decode(file.bytes), fleet()), 200, { 'cache-control': 'no-store' });
    const packed = (c.req.header('accept-encoding') ?? '').includes('gzip') ? file.packed : null;
    c.header('content-type', file.type);
    c.header('vary', 'accept-encoding');
    c.header('cache-control', file.isFixed ? 'public, max-age=31536000, immutable' : 'no-cache');
    if (packed !== null) c.header('content-encoding', 'gzip');
    return c.body(new Uint8Array(packed ?? file.bytes));
  });
}
