import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { TOKEN, apiWorld as world } from '../../../test/support/world/api-world.ts';
import { failed } from '../../../test/support/world/world.ts';
import type { Task } from '../../core/model/task.ts';
import { linkInto, readRepositories } from './neighbours.ts';
import { entriesIn, leave, register, registryOf } from './registry.ts';

const GONE = 2 ** 22 + 1;
const now = () => Date.now();
const folders = () => {
  const home = mkdtempSync(join(tmpdir(), 'neighbours-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const repository = (name: string, token: string | null = TOKEN): string => {
    const root = join(home, name);
    mkdirSync(join(root, '.tac8'), { recursive: true });
    if (token !== null) writeFileSync(join(root, '.tac8/page-token'), `${token}\n`, { mode: 0o600 });
    return root;
  };
  return { folder: registryOf({ HOME: home }) ?? '', repository };
};

test('each daemon is asked with the token of its own repository, and leads into its page', async () => {
  const { folder, repository } = folders();
  const { server, store } = await world();
  // As under “Needs you”: one that has failed asks nobody.
  store.commit({ tasks: [{ next: { ...failed('gh-9'), state: 'blocked', question: 'CSV or Parquet?' } as Task, expected: null }] });
  const [one, two] = [repository('one'), repository('two')];
  await register(folder, { root: one, url: server.url, pid: process.pid });
  await register(folder, { root: two, url: 'http://127.0.0.1:9', pid: process.pid });
  await register(folder, { root: repository('three'), url: 'http://127.0.0.1:9', pid: GONE });
  const { repositories } = await readRepositories(folder, one, now);
  expect(repositories).toEqual([
    expect.objectContaining({ root: one, here: true, slots: { used: 1, of: null }, needs_you: 1, why: null }),
    expect.objectContaining({ root: two, here: false, slots: null, why: 'its daemon does not answer' }),
  ]);
  expect(await linkInto(folder, one)).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/enter\?code=/);
  expect(await linkInto(folder, two)).toBeNull();
  expect(await linkInto(folder, '/etc')).toBeNull();
  expect(await linkInto(null, one)).toBeNull();
});

test('what others put there leads nowhere: another machine, a link, a name that is not its own, a token that is not its owner’s', async () => {
  const { folder, repository } = folders();
  const sent: unknown[] = [];
  const server = createServer(({ headers }, response) => {
    sent.push(headers.authorization);
    response.end(JSON.stringify({ url: 'https://elsewhere.example/enter?code=1' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  const [open, bad] = [repository('open', null), repository('bad')];
  writeFileSync(join(open, '.tac8/page-token'), `${TOKEN}\n`, { mode: 0o644 });
  await register(folder, { root: open, url, pid: process.pid });
  await register(folder, { root: bad, url, pid: process.pid });
  await register(folder, { root: repository('far'), url: 'http://192.0.2.1:80', pid: process.pid });
  writeFileSync(join(folder, '0123456789abcdef.json'), JSON.stringify({ root: bad, url, pid: process.pid }));
  writeFileSync(join(folder, '0123456789abcde0.json'), '{"root":');
  symlinkSync('/etc/passwd', join(folder, '0123456789abcde1.json'));
  expect((await entriesIn(folder)).map(({ root }) => root)).toEqual([bad, open]);
  expect((await readRepositories(folder, '/', now)).repositories.map(({ why }) => why)).toEqual([
    'its daemon does not answer',
    'its daemon does not answer',
  ]);
  expect(await linkInto(folder, bad)).toBeNull();
  // It was told the token of its own repository alone; where others can read that, nothing.
  expect(new Set(sent)).toEqual(new Set([`Bearer ${TOKEN}`]));
});

test('where no folder can be made, it is said', async () => {
  const entry = { root: '/x', url: 'http://127.0.0.1:9', pid: process.pid };
  await expect(register(registryOf({ HOME: '/proc' }) ?? '', entry)).rejects.toThrow();
  const { folder } = folders();
  await register(join(folder, 'below/that'), entry);
  expect(await entriesIn(join(folder, 'below/that'))).toEqual([entry]);
});

test('a daemon takes away its own entry alone; what was left is forgotten after a week', async () => {
  const { folder, repository } = folders();
  const root = repository('one');
  await register(folder, { root, url: 'http://127.0.0.1:9', pid: GONE });
  await leave(folder, { root, url: '', pid: 1 });
  expect(readdirSync(folder)).toHaveLength(1);
  expect((await readRepositories(folder, '/', now)).repositories).toEqual([]);
  expect(readdirSync(folder)).toHaveLength(1);
  const [name = ''] = readdirSync(folder);
  utimesSync(join(folder, name), 0, 0);
  await readRepositories(folder, '/', now);
  expect(readdirSync(folder)).toEqual([]);
  await register(folder, { root, url: 'http://127.0.0.1:9', pid: 7 });
  await leave(folder, { root, url: '', pid: 7 });
  expect(readdirSync(folder)).toEqual([]);
});
