import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { workplace } from '../../support/world/daemon.ts';

/** `tac8 start --dry-run` where tac8 has never run: what would start, and which gate holds each of the rest. */

test('one slot, four issues: one would start, and each other is named with what holds it', { timeout: 120_000 }, async (context) => {
  const place = await workplace(context);
  place.configure({ max_concurrent_workers: 1, agent: place.agent('true') });
  const [first, second] = ['First', 'Second'].map((title) => place.issue(title));
  const third = place.issue('Third', `Blocked by #${second}`);
  place.fake.addUser({ login: 'tia', role: 'read' });
  const fourth = place.fake.createIssue('tia', { title: 'Fourth', body: '', labels: ['rpi-auto'], form: true });
  const before = readdirSync(place.root).sort();
  const { out, code } = await place.tac8('start', '--dry-run');
  expect({ code, out }).toMatchObject({ code: 0 });
  expect(out).toMatch(new RegExp(`Would start\n  gh-${first}  First\nWould wait\n`));
  expect(out).toMatch(new RegExp(`  gh-${second}  Second: waiting for a slot \\(1/1\\)`));
  expect(out).toMatch(new RegExp(`  gh-${third}  Third: waiting for a slot .*; 1 task is before it: gh-${second}`));
  // It becomes no task; that is no reason to say nothing of it.
  expect(out).toMatch(
    new RegExp(`  gh-${fourth}  Fourth: .*tia.* \\(until someone with write access takes the label rpi-auto off and puts it on again\\)`),
  );
  // The moment between two starts holds nobody back for long, and is no answer.
  expect(out).not.toContain('start_gap');
  expect(readdirSync(place.root).sort()).toEqual(before);
  const told = JSON.parse((await place.tac8('start', '--dry-run', '--json')).out) as {
    would_start: string[];
    would_wait: { task: string }[];
  };
  expect(told.would_start).toEqual([`gh-${first}`]);
  expect(told.would_wait.map(({ task }) => task)).toContain(`gh-${second}`);
});

test('without a repository on GitHub it says that there are only tasks of tasks.md', { timeout: 120_000 }, async (context) => {
  const place = await workplace(context);
  place.repo.git(['remote', 'remove', 'origin']);
  place.configure({ repo: undefined, github: undefined, agent: place.agent('true') });
  expect((await place.tac8('start', '--dry-run')).out).toContain('Local tasks only: no repository on GitHub is named');
});
