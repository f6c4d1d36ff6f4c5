import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Workplace, workplace } from '../../support/world/daemon.ts';

/** Writes a file that it does not commit, and never ends by itself. */
const ENDLESS = `echo unfinished >draft.txt
while :; do sleep 0.1; done
`;

/** As an editor saves: a new file over the old one. */
function edit(place: Workplace, change: (text: string) => string): void {
  const path = join(place.root, 'tasks.md');
  const text = change(readFileSync(path, 'utf8'));
  writeFileSync(`${path}~`, text);
  renameSync(`${path}~`, path);
}

const activeLines = /\[🟡 (w-[0-9a-f]{6}), [^\]]*\] (gh-\d+: [^\n]*)\n(?:- (?:Started|PID):[^\n]*\n)*/u;
const drafted = (place: Workplace, task: string): boolean => place.read(`trees/${task}/draft.txt`) === 'unfinished\n';

async function running(place: Workplace): Promise<string> {
  place.configure({ agent: place.agent(ENDLESS) });
  const task = `gh-${place.issue('Rework the parser')}`;
  place.start();
  await place.until('the worker has begun', () => drafted(place, task) && /PID: \d+/.test(place.board()));
  return task;
}

/** Nothing of it lives, its work is in git, and the reason stands word for word on the board and the issue. */
async function isCancelled(place: Workplace, task: string, reason: string): Promise<void> {
  await place.until('the task failed', async () => (await place.status()).tasks.find(({ id }) => id === task)?.state === 'failed');
  await place.until('no process of it is left', () => place.strays().length === 0);
  // The records come first, the board a moment later.
  await place.until('the reason stands on the board', () => place.board().includes(`- Reason: ${reason}\n`));
  const saved = place.repo.git(['for-each-ref', '--format=%(refname)', `refs/tac8/saved/${task}`]);
  expect(place.repo.git(['show', `${saved.trim().split('\n').at(-1)}:draft.txt`])).toContain('unfinished');
  const number = Number(task.slice(3));
  await place.until('the issue is told', () =>
    place.fake.journal.entries().some(({ method, path }) => method === 'POST' && path.endsWith(`/issues/${number}/comments`)),
  );
  const comment = place.fake.journal.entries().find(({ method, path }) => method === 'POST' && path.endsWith(`/issues/${number}/comments`));
  expect(JSON.stringify(comment?.request)).toContain(reason);
}

test(
  'moving the line of a running task to Failed with a reason stops it, saves its work and keeps the words',
  { timeout: 60_000 },
  async (context) => {
    const place = await workplace(context);
    const task = await running(place);
    edit(place, (text) => {
      const [block = '', , title = ''] = activeLines.exec(text) ?? [];
      return text.replace(block, '').replace('## Failed\n', `## Failed\n[❌] ${title}\n- Reason: not needed\n`);
    });
    await isCancelled(place, task, 'not needed');
  },
);

test('the earlier script’s form does the same: the words after the id are the reason', { timeout: 60_000 }, async (context) => {
  const place = await workplace(context);
  const task = await running(place);
  edit(place, (text) => {
    const [block = '', run = ''] = activeLines.exec(text) ?? [];
    return text.replace(block, `[❌ ${run}] ${task}: User cancelled\n`);
  });
  await isCancelled(place, task, 'User cancelled');
  expect((await place.status()).tasks.find(({ id }) => id === task)?.title).toBe('Rework the parser');
});

test('an older board put back while a worker lives cancels nothing', { timeout: 60_000 }, async (context) => {
  const place = await workplace(context);
  place.configure({ agent: place.agent(ENDLESS), max_concurrent_workers: 1 });
  const tasks = ['One', 'Two', 'Three', 'Four', 'Five', 'Six'].map((title) => `gh-${place.issue(title)}`);
  place.start();
  await place.until(
    'all are on the board',
    () => tasks.every((task) => place.board().includes(`${task}:`)) && /PID: \d+/.test(place.board()),
  );
  const old = '# Work Queue\n**Last updated:** 2026-01-01 00:00:00\n\n## Pending\n\n## Active (max 3)\n\n## Failed\n';
  edit(place, () => old);
  await place.until(
    'the edit is held',
    async () => JSON.stringify(await place.tac8('status', '--json')).includes('held_edit') && (await heldEdit(place)) !== null,
  );
  expect((await place.status()).counts).toMatchObject({ active: 1, pending: 5, failed: 0 });
  expect(place.board()).toBe(old);
  const restored = await place.tac8('board', 'restore');
  expect(restored).toMatchObject({ code: 0 });
  await place.until('the board is back', () => tasks.every((task) => place.board().includes(`${task}:`)));
});

async function heldEdit(place: Workplace): Promise<unknown> {
  return (JSON.parse((await place.tac8('status', '--json')).out) as { held_edit: unknown }).held_edit;
}

test(
  'a new line becomes a local task, gets its id written in, and ends as a branch; lint names what it cannot read',
  { timeout: 60_000 },
  async (context) => {
    const place = await workplace(context);
    place.configure({ agent: place.agent('echo done >done.txt; git add -A; git commit -qm "$TAC8_TASK"\n') });
    place.start();
    await place.until('there is a board', () => place.board().includes('## Pending'));
    edit(place, (text) => text.replace('## Pending\n', '## Pending\n[] Tidy the examples folder {p1}\nmy own remark, to be kept\n'));
    await place.until('it is done', () => /\[✅ [0-9a-f]{7}, w-[0-9a-f]{6}\] local-1: Tidy the examples folder/u.test(place.board()));
    expect(place.board()).toContain('my own remark, to be kept\n');
    expect(execFileSync('git', ['-C', place.fake.bare, 'ls-tree', '--name-only', 'auto/local-1'], { encoding: 'utf8' })).toContain(
      'done.txt',
    );
    edit(place, (text) => text.replace('## Pending\n', '## Pending\n[] gh-twelve: what is this {p9}\n'));
    expect(await place.tac8('lint')).toMatchObject({ code: 1 });
  },
);
