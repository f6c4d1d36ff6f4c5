import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, type TestContext, test } from 'vitest';
import { openScene } from '../support/browser/scene.ts';
import { canBeRunBy, NOBODY } from '../support/machine/other-user.ts';

/* A page that another user of this machine serves, in the very browser that was let in: it sees nothing, changes nothing, shows nothing as its own. */

const LIMIT = { timeout: 240_000 };

/** Tries all that a page can; says so when it is through. What an answer says stands in `seen`, if the browser hands it out. */
const attack = (victim: string): string => `<!doctype html><title>Free pictures</title>
<iframe id="frame" src="${victim}/"></iframe><iframe name="sink"></iframe>
<form id="form" method="post" enctype="text/plain" target="sink" action="${victim}/api/v1/pause"><input name='{"a":"' value='"}'></form>
<script>
window.seen = [];
const note = async (what, asked) => { try { window.seen.push([what, (await asked).slice(0, 200)]); } catch { window.seen.push([what, 'refused']); } };
const text = (path, init) => fetch('${victim}' + path, { credentials: 'include', ...init }).then((answer) => answer.text());
const event = (object, good) => new Promise((done, fail) => { object.addEventListener(good, () => done(good)); object.addEventListener('error', fail); });
(async () => {
  await note('fetch', text('/api/v1/state'));
  await note('fetch, not told', text('/api/v1/state', { mode: 'no-cors' }));
  await note('the page', text('/'));
  await note('metrics', text('/metrics'));
  await note('post', text('/api/v1/pause', { method: 'POST', mode: 'no-cors', body: '{}' }));
  await note('post of JSON', text('/api/v1/pause', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }));
  await note('events', event(new EventSource('${victim}/api/v1/events', { withCredentials: true }), 'state'));
  const image = new Image(); image.src = '${victim}/icon.svg';
  await note('image', event(image, 'load'));
  const script = document.createElement('script'); script.src = '${victim}/api/v1/state'; document.head.append(script);
  await note('script', event(script, 'load'));
  document.getElementById('form').submit();
  await note('form', event(document.getElementsByName('sink')[0], 'load'));
  await note('frame', Promise.resolve().then(() => document.getElementById('frame').contentDocument.body.textContent));
  window.isThrough = true;
})();
</script>`;

/** Another's server: it keeps the cookies that browsers hand it. */
async function serve(context: TestContext, html: string) {
  const cookies: string[] = [];
  const server = createServer((request, response) => {
    if (request.headers.cookie !== undefined) cookies.push(request.headers.cookie);
    response.setHeader('content-type', 'text/html').end(html);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, cookies };
}

test(
  'a page of another user on this machine reads, changes and frames nothing; nor does the cookie that it is handed',
  LIMIT,
  async (context) => {
    const { page, url, place } = await openScene(context, ['A secret plan']);
    await page.locator('[data-task="gh-1"]').getByText('A secret plan').waitFor();
    const other = await serve(context, attack(url));
    const theirs = await page.context().newPage();
    const given: (readonly [number, string, string])[] = [];
    theirs.on('response', (answer) => {
      if (answer.url().startsWith(`${url}/`)) given.push([answer.status(), answer.request().method(), new URL(answer.url()).pathname]);
    });
    await theirs.goto(other.url);
    await theirs.waitForFunction('window.isThrough === true');

    const seen = new Map((await theirs.evaluate('window.seen')) as readonly [string, string][]);
    expect(seen.size).toBe(11);
    expect(JSON.stringify([...seen])).not.toMatch(/secret|gh-1|tac8/);
    for (const what of ['fetch', 'the page', 'metrics', 'post of JSON', 'events', 'image', 'script', 'frame'])
      expect(seen.get(what), what).toBe('refused');
    // Of what reached the daemon, all was refused; the page's own file in a frame is not shown there.
    expect(given.filter(([status, , path]) => status !== 403 && path !== '/')).toEqual([]);
    expect(given.filter(([status, method]) => method === 'POST' && status === 403).length).toBeGreaterThan(0);
    expect(theirs.frames().map((frame) => frame.url())).not.toContain(`${url}/`);
    expect((await place.tac8('status', '--json')).out).toMatch(/"paused_at": ?null/);

    // Browsers know no ports in cookies: it was handed over. It is good for the programs of the user alone whose browser was let in.
    const stolen = other.cookies.find((cookie) => cookie.includes(`tac8-${new URL(url).port}=`)) ?? '';
    expect(stolen).not.toBe('');
    const replay = (user: number | undefined): string =>
      spawnSync('curl', ['-s', '-o', '/dev/null', '-w', '%{http_code}', '-H', `cookie: ${stolen}`, `${url}/api/v1/state`], {
        ...{ encoding: 'utf8', env: { PATH: process.env.PATH ?? '' }, cwd: '/' },
        ...(user === undefined ? {} : { uid: user, gid: user }),
      }).stdout;
    expect(replay(undefined)).toBe('200');
    if (canBeRunBy(NOBODY, 'curl')) {
      expect(replay(NOBODY)).toBe('401');
      const plain = spawnSync('curl', ['-s', '-H', `cookie: ${stolen}`, `${url}/`], {
        uid: NOBODY,
        gid: NOBODY,
        encoding: 'utf8',
        env: {},
        cwd: '/',
      });
      expect(plain.stdout).toContain('<html');
      expect(plain.stdout).not.toContain('secret');
    }
  },
);
