import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Daemon, LABEL, type Workplace, workplace } from '../../support/world/daemon.ts';

/** Says that it began, and works until it is let end. */
const AGENT = `
echo "$TAC8_TASK" >>"$1/begun"
until [ -e "$1/$TAC8_TASK" ]; do sleep 0.05; done
echo words >work.txt && git add -A && git commit -qm 'all of it'
`;

const begun = (place: Workplace): readonly string[] => {
  const path = join(place.notes, 'begun');
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
};
const asked = (place: Workplace, pattern: RegExp): number =>
  place.fake.journal.entries().filter(({ method, path }) => method === 'GET' && pattern.test(path)).length;
const LIST = /\/issues\?/;
const WHICH = /\/dependencies\/blocked_by/;
const detailsOf = (daemon: Daemon, task: string, event: string): readonly string[] =>
  daemon.happened().flatMap((one) => (one.task === task && one.event === event ? [one.detail] : []));

interface Why {
  readonly sentence: string;
  readonly since: number | null;
  readonly next: string;
  readonly gates: readonly { readonly name: string; readonly open: boolean; readonly text: string; readonly since: number | null }[];
}
async function why(place: Workplace, task: string): Promise<Why> {
  const { out, err } = await place.tac8('why', task, '--json');
  return JSON.parse(out || err) as Why;
}

/** An issue that two others block before it bears the label. */
function blockedIssue(place: Workplace): { readonly number: number; readonly first: number; readonly second: number } {
  const { fake } = place;
  const [first, second, number] = ['First', 'Second', 'Later'].map((title) => fake.createIssue('wil', { title })) as [
    number,
    number,
    number,
  ];
  fake.block('wil', number, first);
  fake.block('wil', number, second);
  fake.label('wil', number, LABEL);
  return { number, first, second };
}

test('an issue that others block waits until they are closed; others do not wait for it', { timeout: 180_000 }, async (context) => {
  const place = await workplace(context);
  place.configure({ agent: place.agent(AGENT), max_concurrent_workers: 1 });
  const { number, first, second } = blockedIssue(place);
  const task = `gh-${number}`;
  const daemon = place.start();
  const words = `depends on #${first} (open), #${second} (open)`;
  await place.until('it says what it waits for', async () => (await place.status()).notes.some(({ text }) => text === words));
  const free = `gh-${place.issue('Free')}`;
  await place.until('another issue starts', () => begun(place).includes(free));

  const lists = asked(place, LIST);
  const before = asked(place, WHICH);
  await place.until('many more polls', () => asked(place, LIST) >= lists + 10, 60_000);
  expect(begun(place)).toEqual([free]);
  // Nothing has changed: nobody asks which ones again.
  expect(asked(place, WHICH)).toBe(before);
  expect((await place.tac8('status')).out).toMatch(new RegExp(`${task} .*\\n.*${words.replaceAll(/[()]/g, '\\$&')}`));
  expect(place.board()).toContain(`- Note: ${words}`);
  const told = await why(place, task);
  expect(told).toMatchObject({ sentence: words, next: `#${first}, #${second} are closed, or taken off as a dependency on GitHub` });
  expect(told.since).toBeGreaterThan(Date.now() - 180_000);
  expect((await place.tac8('why', task)).out).toMatch(/✗ depends on #\d+ \(open\), #\d+ \(open\) \(for \d+/);
  // The only slot is free: now nothing but the dependency keeps it.
  writeFileSync(join(place.notes, free), '');
  await place.until('the other is done', () => detailsOf(daemon, free, 'completed').length === 1);

  place.fake.closeIssue('wil', first);
  await place.until('one is left', async () => (await place.status()).notes.some(({ text }) => text === `depends on #${second} (open)`));
  expect(begun(place)).toEqual([free]);
  place.fake.closeIssue('wil', second);
  await place.until('it starts', () => begun(place).includes(task));
  expect(detailsOf(daemon, task, 'waits')).toEqual([words, `depends on #${second} (open)`, 'every issue that it depended on is closed']);
  // Opened again while it is worked on: that changes nothing.
  place.fake.reopenIssue('wil', first);
  writeFileSync(join(place.notes, task), '');
  await place.until('its pull', () => detailsOf(daemon, task, 'completed').length === 1);
  expect((await daemon.end('SIGTERM')).code).toBe(0);
  expect(place.strays()).toEqual([]);
});

test(
  'while GitHub does not say which issues block it, it waits; a daemon that begins anew knows since when',
  { timeout: 180_000 },
  async (context) => {
    const place = await workplace(context);
    place.configure({ agent: place.agent(AGENT) });
    const { number, first, second } = blockedIssue(place);
    const task = `gh-${number}`;
    place.fake.unblock('wil', number, second);
    place.fake.faults.add({ match: { path: 'dependencies' }, kind: 'status', status: 404, times: null });
    const daemon = place.start();
    const said = await place.until('that nobody knows', async () =>
      (await place.status()).notes.find(({ text }) => text.startsWith('depends on 1 open issue; tac8 does not know which')),
    );
    expect(said.text).toContain('404');
    expect(begun(place)).toEqual([]);
    place.fake.faults.remove();
    await place.until('it is known', () => place.board().includes(`- Note: depends on #${first} (open)`));
    const { since } = await why(place, task);
    expect((await daemon.end('SIGKILL')).signal).toBe('SIGKILL');
    expect((await place.tac8('status')).out).toContain(`depends on #${first} (open)`);
    const next = place.start();
    const polls = asked(place, LIST);
    await place.until('the next daemon polls', () => asked(place, LIST) >= polls + 3, 60_000);
    expect(await why(place, task)).toMatchObject({ sentence: `depends on #${first} (open)`, since });
    place.fake.unblock('wil', number, first);
    await place.until('it starts', () => begun(place).includes(task));
    writeFileSync(join(place.notes, task), '');
    await place.until('its end', () => detailsOf(next, task, 'completed').length === 1);
  },
);

test('issues that block none cost nothing to ask, and a circle is called one', { timeout: 180_000 }, async (context) => {
  const place = await workplace(context);
  place.configure({ agent: place.agent(AGENT) });
  const free = place.issue('Free');
  place.fake.faults.add({ match: { path: 'dependencies' }, kind: 'hang', times: null });
  const daemon = place.start();
  await place.until('it starts', () => begun(place).includes(`gh-${free}`));
  expect(asked(place, WHICH)).toBe(0);
  place.fake.faults.remove();
  writeFileSync(join(place.notes, `gh-${free}`), '');
  await place.until('its end', () => detailsOf(daemon, `gh-${free}`, 'completed').length === 1);

  const [one, two] = ['One', 'Two'].map((title) => place.fake.createIssue('wil', { title })) as [number, number];
  place.fake.block('wil', one, two);
  place.fake.block('wil', two, one);
  for (const number of [one, two]) place.fake.label('wil', number, LABEL);
  await place.until('both wait', () => [one, two].every((number) => detailsOf(daemon, `gh-${number}`, 'waits').length === 1));
  const told = await why(place, `gh-${one}`);
  expect(told.sentence).toBe(`depends on #${two} (open), in a circle: #${one} → #${two} → #${one}`);
  place.fake.unblock('wil', one, two);
  await place.until('the one starts', () => begun(place).includes(`gh-${one}`));
  expect(begun(place)).not.toContain(`gh-${two}`);
});
