import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type TestContext, test } from 'vitest';
import { realAgent, settled } from '../../support/agents/real-agents.ts';
import { type MockModel, startMockModel } from '../../support/model/server.ts';
import type { Step } from '../../support/model/steps.ts';
import { type Workplace, workplace } from '../../support/world/daemon.ts';

/** The real Claude Code and the real Codex at one issue side by side, each with a scripted model of its own. */

const PATIENCE = 200_000;
const LIMIT = { timeout: 480_000 };
const LIMITS = { attempts: 1, min_free_memory: '16MiB', min_free_disk: '16MiB' };

interface Racing {
  readonly place: Workplace;
  readonly model: MockModel;
  /** Issues with the label of the race, in the order of their titles. */
  readonly issues: readonly number[];
}

async function racing(
  context: TestContext,
  scripts: Readonly<Record<'claude' | 'codex', readonly Step[]>>,
  {
    titles = ['One'],
    codex = {},
    codexLogin = {},
    ...settings
  }: {
    readonly titles?: readonly string[];
    readonly codex?: object;
    readonly codexLogin?: Readonly<Record<string, string>>;
    readonly pulls?: object;
  },
): Promise<Racing> {
  const model = await startMockModel(scripts);
  context.onTestFinished(() => model.close());
  const place = await workplace(context);
  place.configure({
    agent: settled(place, realAgent('claude'), `${model.url}/s/claude`),
    agents: { codex: { ...settled(place, realAgent('codex'), `${model.url}/s/codex`, codexLogin), ...codex } },
    // The one that is named first is not the better one.
    routes: [{ when: { labels: ['race'] }, attempts: { race: ['codex', 'claude'] } }],
    limits: LIMITS,
    max_concurrent_workers: 2,
    ...settings,
  });
  const issues = titles.map((title) => place.fake.createIssue('wil', { title, body: 'Do it.', labels: ['rpi-auto', 'race'] }));
  place.start();
  return { place, model, issues };
}

const stateOf = async (place: Workplace, id: string) => (await place.status()).tasks.find((task) => task.id === id);
const chosen = (place: Workplace, n: number) =>
  place.until('the choice', async () => (await stateOf(place, `gh-${n}`))?.state === 'completed', PATIENCE);
const pullsOf = ({ fake }: Workplace) =>
  fake.state.issues.flatMap(({ pull, body }) => (pull === null ? [] : [{ branch: pull.head.ref, body }]));
const commits = (first: string, second: string): readonly Step[] => [
  { sh: `case $TAC8_TASK in gh-1.*) ${first};; *) ${second};; esac; git add -A; git commit -qm work` },
  { text: 'Done.' },
];

test('of claude and codex the one is chosen whose work is green, and of two alike the cheaper one', LIMIT, async (context) => {
  const { place, issues } = await racing(
    context,
    {
      claude: commits('seq 5 >good.txt', 'echo claude >same.txt'),
      // Smaller, and refused by the checks, which it is told and does nothing about.
      codex: commits('echo >bad.txt', 'echo codex >same.txt'),
    },
    {
      titles: ['One', 'Two'],
      pulls: { verify: 'test ! -e bad.txt' },
      codex: { prices: { '*': { input: 100, output: 100 } } },
    },
  );
  const [one = 0, two = 0] = issues;
  expect(one).toBe(1);
  await chosen(place, one);
  await chosen(place, two);
  expect(pullsOf(place).map(({ branch }) => branch)).toEqual([`auto/gh-${one}.claude`, `auto/gh-${two}.claude`]);
  expect(pullsOf(place)[0]?.body).toContain('pulls.verify');
  const why = (await place.tac8('why', String(one))).out;
  expect(why).toContain(`gh-${one}.claude was chosen of 2 attempts`);
  const { attempts } = JSON.parse((await place.tac8('compare', String(two), '--json')).out) as { attempts: { task: string }[] };
  expect(attempts).toMatchObject([
    { task: `gh-${two}.codex`, outcome: 'done', files: ['same.txt'], pull: null },
    { task: `gh-${two}.claude`, outcome: 'done', files: ['same.txt'] },
  ]);
  expect((await place.tac8('why', String(two))).out).toMatch(/≈ \$\d/);
  expect(place.repo.git(['show', `auto/gh-${two}.codex:same.txt`])).toContain('codex');
  await place.until('nothing left behind', () => place.strays().length === 0, 20_000);
});

test('one that its provider cuts off holds nobody: the other is chosen, and the kept one is named', LIMIT, async (context) => {
  const { step } = realAgent('codex').limited((Math.ceil(Date.now() / 1000) + 2 * 3600) * 1000);
  const wait: Step = { sh: 'touch began; until [ -e ../../go ]; do sleep 0.1; done; echo hi >hi.txt; git add -A; git commit -qm hi' };
  const part: Step = { sh: 'echo part >part.txt; git add -A; git commit -qm part' };
  const { place, issues } = await racing(context, { claude: [wait, { text: 'Done.' }], codex: [part, step] }, {});
  const [n = 0] = issues;
  await place.until('both', () => existsSync(join(place.root, `trees/gh-${n}.claude/began`)), PATIENCE);
  await place.until('the limit', async () => (await place.status()).parked_logins.length > 0, PATIENCE);
  expect((await place.status()).parked_logins).toMatchObject([{ login: 'codex', type: 'usage_limit' }]);
  expect(await stateOf(place, `gh-${n}.codex`)).toMatchObject({ state: 'pending', attempts: 0 });
  expect(pullsOf(place)).toEqual([]);
  writeFileSync(join(place.root, 'go'), '');
  await chosen(place, n);
  const [pull, ...more] = pullsOf(place);
  expect([pull?.branch, more]).toEqual([`auto/gh-${n}.claude`, []]);
  expect(pull?.body).toMatch(
    new RegExp(`gh-${n}\\.codex.*was chosen while it waited after usage_limit.*refs/heads/auto/gh-${n}\\.codex at [0-9a-f]{7}`),
  );
  expect(place.repo.git(['show', `auto/gh-${n}.codex:part.txt`])).toContain('part');
  await place.until('nothing left behind', () => place.strays().length === 0, 20_000);
});
