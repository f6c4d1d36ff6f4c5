import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type TestContext, test } from 'vitest';
import { openTerminal } from '../../support/terminal/terminal.ts';
import { type Workplace, workplace } from '../../support/world/daemon.ts';

/** `tac8 diff` and `tac8 open` on the work of a real worker. */

const LIMIT = { timeout: 120_000 };

/** A worker that has committed one file, changed another, and goes on. */
async function begin(context: TestContext, end: string): Promise<Workplace> {
  const place = await workplace(context);
  const work = `echo one >one.txt; git add -A; git commit -qm one; printf 'two\\033]0;title\\007\\n' >two.txt; touch "$1/began"; ${end}`;
  place.configure({ agent: place.agent(`cat >/dev/null; ${work}`) });
  place.issue('Say hello');
  place.start();
  return place;
}

test('diff shows committed and uncommitted work of a running worker: as a patch, in a terminal, as numbers', LIMIT, async (context) => {
  const place = await begin(context, 'exec sleep 600');
  await place.until('the work', () => place.read('../notes/began') !== '' || place.read('trees/gh-1/two.txt') !== '');
  const { code, out, err } = await place.tac8('diff', '1');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/^diff --git a\/one\.txt b\/one\.txt\nnew file/);
  expect(out).toContain('\n+two\u001b]0;title\u0007\n');
  const json = JSON.parse((await place.tac8('diff', 'gh-1', '--json')).out) as { from: unknown; base: string; files: unknown[] };
  expect(json).toMatchObject({ task: 'gh-1', from: { kind: 'worktree' }, base: place.repo.git(['rev-parse', 'main']) });
  expect(json.files).toEqual(['one.txt', 'two.txt'].map((path) => ({ path, status: 'added', added: 1, removed: 0 })));
  expect((await place.tac8('diff', '1', '--stat')).out).toContain('2 files changed, 2 insertions(+)');

  const env: Record<string, string> = { ...place.env, PAGER: 'cat' };
  delete env.NO_COLOR;
  const argv: [string, ...string[]] = [
    'sh',
    '-c',
    `exec 3<&0; ${process.execPath} ${join(import.meta.dirname, '../../../src/main.ts')} diff 1; exec cat <&3`,
  ];
  const terminal = await openTerminal({ argv, cwd: place.root, env, home: place.home });
  context.onTestFinished(() => terminal.close());
  const screen = await terminal.shows('+two');
  expect(screen).toMatch(/^gh-1: worktree trees\/gh-1 against [0-9a-f]{12}\ndiff --git/);
  expect(screen).toContain('+two␛]0;title␇');
  expect(await terminal.screen({ colours: true })).toMatch(/\u001b\[32m\+one/);
});

test('diff of an ended task comes from what is left of it; of an unknown one it is refused', LIMIT, async (context) => {
  const place = await begin(context, 'git add -A; git commit -qm two');
  await place.until('the pull', () => place.board().includes('- PR: #'));
  place.repo.git(['worktree', 'remove', '--force', join(place.root, 'trees/gh-1')]);
  const { out, err } = await place.tac8('diff', '1', '--stat');
  expect(out).toContain('2 files changed');
  expect(err).toMatch(/^gh-1: branch auto\/gh-1 against [0-9a-f]{12}\n$/);
  const none = await place.tac8('diff', '77');
  expect(none).toMatchObject({ code: 5, out: '', err: expect.stringContaining('there is no work of gh-77') });
});

test('open hands the pull, else the issue, to the browser; without a screen it says the address', LIMIT, async (context) => {
  const place = await begin(context, 'until [ -e "$1/go" ]; do sleep 0.1; done; git add -A; git commit -qm two');
  const bin = join(place.home, 'bin');
  const opened = join(place.home, 'opened');
  place.repo.write('bin/xdg-open', `#!/bin/sh\nprintf %s "$1" >${opened}\n`, place.home);
  await place.until('the task', async () => (await place.status()).tasks.length === 1);
  const issue = `${place.fake.url}/acme/widgets/issues/1`;
  expect(await place.tac8('open', '1')).toMatchObject({ code: 0, out: `${issue}\n` });
  expect((await fetch(issue)).status).toBe(200);

  writeFileSync(join(place.notes, 'go'), '');
  const pull = await place.until('the pull', async () => (await place.status()).tasks[0]?.pull);
  Object.assign(place.env, { DISPLAY: ':9', PATH: `${bin}:${place.env.PATH}` });
  chmodSync(join(bin, 'xdg-open'), 0o755);
  expect(await place.tac8('open', '1')).toMatchObject({ code: 0, out: `opened ${pull.url}\n` });
  expect(readFileSync(opened, 'utf8')).toBe(pull.url);
  expect((await place.tac8('open', '1', '--issue', '--print')).out).toBe(`${issue}\n`);
  expect(readFileSync(opened, 'utf8')).toBe(pull.url);
  expect(await place.tac8('open', 'local-1')).toMatchObject({ code: 5, err: expect.stringContaining('local task') });
});
