import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MAIN } from '../../support/world/built.ts';
import { workplace } from '../../support/world/daemon.ts';
import { startProgram, until } from '../../support/world/program.ts';

const PATIENCE = 100_000;
/** Answers with what it was asked, and echoes what comes after an upgrade. */
const SERVER = `import http from 'node:http';
const server = http.createServer((asked, answer) => answer.end(JSON.stringify({ url: asked.url, headers: asked.headers })));
server.on('upgrade', (asked, socket) => { socket.write('HTTP/1.1 101 Switching Protocols\\r\\nconnection: Upgrade\\r\\nupgrade: echo\\r\\n\\r\\n'); socket.pipe(socket); });
server.listen(5173, '127.0.0.1');
`;

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** As a browser does it: the name stays in the header, whoever resolves it. */
function ask(link: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const { port, pathname, search, host } = new URL(link);
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path: pathname + search, headers: { host, ...headers } }, (answer) => {
      let text = '';
      answer.on('data', (piece) => {
        text += String(piece);
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text, headers: answer.headers }));
    });
    asked.on('error', reject).end();
  });
}

/** What is answered to an upgrade and a word after it. */
function upgrade(link: string, cookie: string): Promise<string> {
  const { port, host } = new URL(link);
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, headers: { host, cookie, connection: 'Upgrade', upgrade: 'echo' } });
    asked.on('upgrade', (_, socket) => {
      socket.once('data', (piece) => {
        socket.destroy();
        resolve(String(piece));
      });
      socket.write('hello');
    });
    asked.on('response', ({ statusCode }) => resolve(`refused ${statusCode}`));
    asked.on('error', reject).end();
  });
}

test('a person looks at a server of a worker in its box, by a link with a key', { timeout: 240_000 }, async (context) => {
  const place = await workplace(context);
  const node = process.execPath;
  place.configure({
    agent: place.agent(
      `cat >/dev/null; cat >server.mjs <<'END'\n${SERVER}END\n'${node}' server.mjs & until [ -e go ]; do sleep 0.1; done; kill $!; git add -A; git commit -qm done`,
    ),
    sandbox: { kind: 'auto', profile: { read: [node] } },
  });
  const task = `gh-${place.issue('One')}`;
  const daemon = place.start();
  await place.until('the worker', async () => (await place.status()).tasks.find(({ id }) => id === task)?.run?.pid != null, PATIENCE);
  const program = startProgram([node, MAIN, 'preview', task, '5173'], { cwd: place.root, env: place.env });
  context.onTestFinished(async () => {
    if (program.isRunning()) await program.end('SIGKILL');
  });
  const link = await place.until('the link', () => /^http:\S+/m.exec(program.out())?.[0], PATIENCE);
  expect(link).toMatch(new RegExp(`^http://${task}\\.localhost:\\d+/\\?tac8=[\\w-]{32}$`));
  const plain = link.replace(/\?.*/, '');
  // Without the key, with another one, under another name: nobody comes in.
  for (const [url, headers] of [
    [plain, {}],
    [plain, { cookie: 'tac8-preview=x' }],
    [link, { host: `127.0.0.1:${new URL(link).port}` }],
  ] as const)
    expect((await ask(url, headers)).status).toBe(403);
  const entered = await ask(link);
  expect([entered.status, entered.headers.location]).toEqual([302, '/']);
  const [cookie = ''] = String(entered.headers['set-cookie']).split(';');
  const seen = await place.until(
    'the server',
    async () => {
      const answer = await ask(`${plain}page?x=1`, { cookie: `tac8_page=secret; ${cookie}; theirs=1` });
      return answer.status === 200 ? answer : undefined;
    },
    PATIENCE,
  );
  const said = JSON.parse(seen.text) as { url: string; headers: Record<string, string> };
  expect(said).toMatchObject({ url: '/page?x=1', headers: { host: 'localhost:5173', cookie: 'theirs=1' } });
  expect(await upgrade(plain, cookie)).toBe('hello');
  expect(await upgrade(plain, '')).toBe('refused 403');
  expect((await program.end('SIGINT')).code).toBe(0);
  writeFileSync(join(place.root, 'trees', task, 'go'), '');
  await place.until('the pull', () => place.board().includes('[✅'), PATIENCE);
  const none = await place.tac8('preview', task, '5173');
  expect(`${none.out}${none.err}`).toContain(`${task} has no worker at work`);
  expect((await daemon.end('SIGTERM')).code).toBe(0);
  await until('nothing left behind', () => place.strays().length === 0, { within: PATIENCE, why: () => place.strays().join('\n') });
});
