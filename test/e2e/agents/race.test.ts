import { existsSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Workplace, workplace } from '../../support/world/daemon.ts';

const PATIENCE = 100_000;

/** Says that it is there, waits for its word, and commits as many lines as its name stands for. */
const AGENT = `cat >/dev/null
touch "$1/began-$2"
while [ ! -e "$1/go-$2" ]; do sleep 0.1; done
rm "$1/began-$2"
case $2 in
  small) echo one >small.txt;;
  large) printf 'a\\nb\\nc\\n' >large.txt;;
  *) exit 3;;
esac
git add -A && git commit -qm "$2"
`;

function racing(place: Workplace): number {
  const { kind, command } = place.agent(AGENT);
  const called = (name: string) => ({ kind, command: [...command, name] });
  place.configure({
    agent: called('broken'),
    agents: { large: called('large'), small: called('small') },
    routes: [{ when: { labels: ['race'] }, attempts: { race: ['large', 'small', 'default'] } }],
    limits: { attempts: 1, min_free_memory: '16MiB', min_free_disk: '16MiB' },
    max_concurrent_workers: 3,
  });
  return place.fake.createIssue('wil', { title: 'Say hello', body: 'Say hello.', labels: ['rpi-auto', 'race'] });
}

const began = (place: Workplace, ...names: readonly string[]): Promise<unknown> =>
  place.until(`${names} at work`, () => names.every((name) => existsSync(join(place.notes, `began-${name}`))), PATIENCE);
const go = (place: Workplace, ...names: readonly string[]): void => {
  for (const name of names) writeFileSync(join(place.notes, `go-${name}`), '');
};
const pullsOf = ({ fake }: Workplace) => fake.state.issues.filter(({ pull }) => pull !== null);
const stateOf = async (place: Workplace, id: string) => (await place.status()).tasks.find((task) => task.id === id);

test('of several attempts side by side the best becomes the one pull, and the others are kept', { timeout: 300_000 }, async (context) => {
  const place = await workplace(context);
  const n = racing(place);
  const daemon = place.start();
  await began(place, 'large', 'small', 'broken');
  expect(await stateOf(place, `gh-${n}`)).toMatchObject({ state: 'pending', race: { winner: null } });
  await place.until('a name for the log', () => existsSync(join(place.root, `logs/gh-${n}.jsonl`)), PATIENCE);
  expect(readlinkSync(join(place.root, `logs/gh-${n}.jsonl`))).toMatch(new RegExp(`^gh-${n}\\.(?:large|small|default)\\.w-`));
  await daemon.end('SIGKILL');
  place.start();
  go(place, 'broken', 'large');
  await place.until('the larger one', async () => (await stateOf(place, `gh-${n}.large`))?.state === 'completed', PATIENCE);
  expect(pullsOf(place)).toEqual([]);
  expect((await place.tac8('why', `${n}.large`)).out).toContain(`it waits for the other attempts at gh-${n}`);
  expect((await place.tac8('diff', String(n))).err).toContain(`\`tac8 diff gh-${n}.large\``);
  go(place, 'small');
  await place.until('the choice', async () => (await stateOf(place, `gh-${n}`))?.state === 'completed', PATIENCE);

  const [pull, ...more] = pullsOf(place);
  expect([pull?.pull?.head.ref, more]).toEqual([`auto/gh-${n}.small`, []]);
  expect(pull?.body).toContain(`Closes #${n}`);
  expect(pull?.body).toMatch(new RegExp(`gh-${n}\\.large.: done, 1 file, 3 lines; kept: .refs/heads/auto/gh-${n}\\.large at [0-9a-f]{7}`));
  expect(pull?.body).toContain(`gh-${n}.default\`: agent_error: exit code 3`);
  expect(place.repo.git(['show', `auto/gh-${n}.large:large.txt`])).toContain('a');
  expect(readlinkSync(join(place.root, `logs/gh-${n}.jsonl`))).toMatch(new RegExp(`^gh-${n}\\.small\\.w-`));
  const why = (await place.tac8('why', String(n))).out;
  expect(why).toContain(`gh-${n}.small was chosen of 3 attempts`);
  // Its work is the chosen one's.
  expect((await place.tac8('diff', String(n))).out).toContain('+++ b/small.txt');
  expect((await place.tac8('restore', String(n), '--list')).out).toContain(`nothing is saved of gh-${n}.small`);
  const { attempts } = JSON.parse((await place.tac8('compare', String(n), '--json')).out) as { attempts: object[] };
  expect(attempts).toMatchObject([
    { task: `gh-${n}.large`, outcome: 'done', files: ['large.txt'], pull: null },
    { task: `gh-${n}.small`, outcome: 'done', files: ['small.txt'], pull: pull?.number },
    { task: `gh-${n}.default`, outcome: 'failed', failure: { type: 'agent_error' } },
  ]);
  const { counters } = await place.status();
  expect(counters).toMatchObject({ workers_launched: 3, workers_completed: 2, prs_created: 1 });
  expect(place.strays()).toEqual([]);
});

test('a word about the task is for all attempts at it, a word about one for that one', { timeout: 300_000 }, async (context) => {
  const place = await workplace(context);
  const n = racing(place);
  place.start();
  await began(place, 'large', 'small', 'broken');
  const stopped = await place.tac8('stop', String(n), '--reason', 'not now');
  expect(stopped.out).toContain(`gh-${n}.large stopped`);
  expect(stopped.out).toContain(`gh-${n}.small stopped`);
  expect(place.strays()).toEqual([]);
  for (const id of ['', '.large', '.small', '.default'])
    expect(await stateOf(place, `gh-${n}${id}`)).toMatchObject({ state: 'failed', reason: { type: 'stopped', message: 'not now' } });

  const again = await place.tac8('retry', String(n));
  expect(again.out).toContain(`gh-${n}.small is in the queue again`);
  await place.until('all at work', async () => (await place.status()).counts.active === 3, PATIENCE);
  go(place, 'broken');
  expect((await place.tac8('cancel', `${n}.small`, '--reason', 'too small')).out).toContain(`gh-${n}.small cancelled`);
  go(place, 'large');
  await place.until('the choice', async () => (await stateOf(place, `gh-${n}`))?.state === 'completed', PATIENCE);
  expect(pullsOf(place).map(({ pull }) => pull?.head.ref)).toEqual([`auto/gh-${n}.large`]);
  expect(place.strays()).toEqual([]);
});
