import { randomBytes } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import { messageOf } from '../../../core/words/message-of.ts';
import { PortError } from '../../../engine/ports/error.ts';
import type { AskOptions } from './ask.ts';
import { type AppKey, keepAppKey } from './key.ts';
import { manifestOf, takeApp } from './manifest.ts';
import { createAppTokens } from './tokens.ts';

export interface AppDeskOptions extends AskOptions {
  readonly repo: { readonly owner: string; readonly name: string };
  /** Where people reach the forge. */
  readonly site: URL;
  /** The App belongs to this organisation; null: to the person who clicks. */
  readonly organisation: string | null;
  readonly webhook: string | null;
  readonly fileOf: (id: number) => string;
  /** How often it is asked whether the App is installed, in ms. */
  readonly askEvery: number;
}

export interface AppDesk {
  /** For the browser; nobody else knows it. */
  readonly link: string;
  /** Made, its key kept. */
  readonly made: Promise<AppKey>;
  /** Installed on the repository: a token of it was given. */
  readonly installed: Promise<void>;
  close(): Promise<void>;
}

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}button{font:inherit;padding:.5rem 1rem}';
const escaped = (text: string): string => text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);

/**
 * One page on this machine, by which a person makes a GitHub App: its button hands GitHub the manifest, GitHub sends the browser back with a code, and
 * the code is good for the key. The address has a secret in it, and so has the way back: no other page and no worker can slip in an App of its own.
 */
export async function openAppDesk(options: AppDeskOptions): Promise<AppDesk> {
  const { repo, site, organisation, webhook, fileOf } = options;
  const [door, state] = [randomBytes(24).toString('base64url'), randomBytes(24).toString('base64url')];
  const made = Promise.withResolvers<AppKey>();
  const installed = Promise.withResolvers<void>();
  // Who closes the desk before waits for neither.
  for (const { promise } of [made, installed]) promise.catch(() => undefined);
  let taken: Promise<AppKey> | null = null;
  let timer: NodeJS.Timeout | null = null;
  let own = '';

  function form(): string {
    const manifest = manifestOf({
      repo,
      page: `${site.origin}/${repo.owner}/${repo.name}`,
      made: `${own}/made`,
      installed: `${own}/installed`,
      webhook,
    });
    const whose = organisation === null ? 'settings' : `organizations/${encodeURIComponent(organisation)}/settings`;
    return `<p>GitHub asks once more, and then where to install it: choose ${escaped(`${repo.owner}/${repo.name}`)} alone.</p>
<form method="post" action="${escaped(`${site.origin}/${whose}/apps/new?state=${state}`)}">
<input type="hidden" name="manifest" value="${escaped(JSON.stringify(manifest))}"><button autofocus>Make the App</button></form>`;
  }

  async function take(code: string): Promise<AppKey> {
    const key = await takeApp(options, code);
    // The browser is sent on there.
    if (new URL(key.page).origin !== site.origin) throw new PortError('terminal', `the App’s page is not at ${site.origin}`);
    await keepAppKey(fileOf(key.id), key);
    made.resolve(key);
    return key;
  }

  /** Asks until it is installed; what goes wrong meanwhile is asked again. */
  function waitFor(key: AppKey): void {
    const { token } = createAppTokens({ ...options, key: async () => key });
    const look = async (): Promise<void> => {
      try {
        await token();
        installed.resolve();
      } catch (error) {
        options.log.debug(`the App is not installed yet: ${messageOf(error)}`);
        timer = setTimeout(look, options.askEvery);
      }
    };
    void look();
  }

  async function answer(target: string, response: ServerResponse): Promise<void> {
    const url = URL.parse(target, 'http://desk');
    if (url === null) return say(response, 400, 'No address', '');
    const path = url.pathname.startsWith(`/${door}`) ? url.pathname.slice(door.length + 1) : null;
    if (path === '' || path === '/') return say(response, 200, `A GitHub App for ${repo.owner}/${repo.name}`, form());
    if (path === '/installed') return say(response, 200, 'Done', '<p>tac8 goes on in the terminal. This page may be closed.</p>');
    if (path !== '/made') return say(response, 404, 'Nothing here', '');
    if (url.searchParams.get('state') !== state) return say(response, 403, 'Not the answer to this question', '');
    const isFirst = taken === null;
    taken ??= take(url.searchParams.get('code') ?? '').catch((error: unknown) => {
      taken = null;
      throw error;
    });
    const key = await taken;
    if (isFirst) waitFor(key);
    response.writeHead(302, { location: `${key.page}/installations/new` }).end();
  }

  const server = createServer((request, response) => {
    answer(request.url ?? '/', response).catch((error: unknown) => {
      say(response, 502, 'GitHub made no App', `<p>${escaped(messageOf(error))}</p><p><a href="/${door}">Once more</a></p>`);
    });
  });
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(0, '127.0.0.1', done);
  });
  const at = server.address();
  own = `http://127.0.0.1:${typeof at === 'object' && at !== null ? at.port : 0}/${door}`;
  return {
    link: own,
    made: made.promise,
    installed: installed.promise,
    async close() {
      if (timer !== null) clearTimeout(timer);
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function say(response: ServerResponse, status: number, title: string, body: string): void {
  const headers = { 'content-type': 'text/html; charset=utf-8', 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' };
  response.writeHead(status, headers);
  response.end(
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escaped(title)}</title><style>${STYLE}</style><h1>${escaped(title)}</h1>${body}`,
  );
}
