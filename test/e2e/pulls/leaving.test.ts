import { expect, test } from 'vitest';
import { type Workplace, workplace } from '../../support/world/daemon.ts';

/* An issue leaves the queue: its worker is stopped, its work is saved, the reason is kept; back in it, it is armed again. */

const SLOW = `echo '{"type":"text"}'; echo half >half; echo x >>"$1/runs"; sleep 600`;
const stop = { tool: '100ms', interrupt: '100ms', terminate: '2s', kill: '3s' };
const taskOf = async (place: Workplace, id: string) => (await place.status()).tasks.find((one) => one.id === id);

test('locked, out of the milestone, not assigned any more: each ends its worker and says why', { timeout: 240_000 }, async (context) => {
  const place = await workplace(context);
  const { fake } = place;
  const change = (number: number, facts: object): void => {
    Object.assign(fake.state.issues.find((one) => one.number === number) ?? {}, facts);
  };
  const at = { milestone: 'v2', assignees: ['ana'] };
  const numbers = ['One', 'Two', 'Three', 'Four'].map((title) => place.issue(title));
  const [first = 0, second = 0, third = 0, fourth = 0] = numbers;
  for (const number of [first, second, third]) change(number, at);
  // Labelled, and not in the milestone: not for these agents.
  change(fourth, { ...at, milestone: 'v3' });
  place.configure({ agent: place.agent(SLOW), stop, milestone: 'V2', assignee: 'Ana', github: { api_url: fake.url, comments: false } });
  place.start();
  await place.until('three workers', async () => (await place.status()).tasks.filter(({ run }) => run?.state === 'running').length === 3);
  expect((await place.tac8('why', String(fourth))).out).toContain('in the milestone V2');

  change(first, { locked: true });
  change(second, { milestone: null });
  change(third, { assignees: [] });
  const ends = [
    [first, 'issue locked'],
    [second, 'not in the milestone V2'],
    [third, 'not assigned to Ana'],
  ] as const;
  for (const [number, message] of ends) {
    const task = await place.until(`the end of ${number}`, async () => {
      const one = await taskOf(place, `gh-${number}`);
      return one?.state === 'failed' && one;
    });
    expect(task.reason).toMatchObject({ type: 'cancelled', message });
    expect((await place.tac8('restore', String(number), '--list')).out).toMatch(/1 file, 5 bytes: half/);
  }
  expect(await taskOf(place, `gh-${fourth}`)).toBeUndefined();
});
