import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MAIN } from '../../support/world/built.ts';
import { type Workplace, workplace } from '../../support/world/daemon.ts';
import { type Program, startProgram, until } from '../../support/world/program.ts';

/*
 * Several daemons, each in a clone of its own, watch one repository: each issue is worked on by one of them, once.
 */

/** Another clone of the workplace's remote, with the same settings. */
function second({ home, repo, fake, root, env }: Workplace) {
  const folder = join(home, 'second');
  repo.git(['clone', '--quiet', fake.bare, folder], home);
  repo.git(['remote', 'set-url', 'origin', fake.cloneUrl], folder);
  copyFileSync(join(root, 'tac8.yaml'), join(folder, 'tac8.yaml'));
  const run = (...args: string[]): Program => startProgram([process.execPath, MAIN, ...args], { cwd: folder, env });
  return { folder, run };
}
/** A sample with the tests; `npm run claims` takes fifty, and as many kills more. */
const ISSUES = Number(process.env.TAC8_CLAIM_ISSUES ?? 8);
const KILLS = Math.round(ISSUES * 0.75);
const MINUTES = Math.max(5, ISSUES);

const claims = { github: undefined as unknown, max_concurrent_workers: 2 };

test('two daemons, killed and begun again: no issue is worked on twice', { timeout: MINUTES * 60_000 }, async (context) => {
  const place = await workplace(context);
  const { fake, notes } = place;
  // An agent notes where it worked; it goes on when its daemon is killed.
  const agent = place.agent(
    `pwd >>"$1/starts"; echo '{"type":"text"}'; sleep 0.3; echo x >"work-$(basename "$PWD")"; git add -A; git commit -qm work`,
  );
  place.configure({ ...claims, agent, github: { api_url: fake.url, claim: 'auto' } });
  const other = second(place);
  const issues = Array.from({ length: ISSUES }, (_, n) => place.issue(`Issue ${n}`));
  const folders = [place.root, other.folder];
  const begin = (n: number): Program => (n === 0 ? place.start() : other.run('start', '--json'));
  const daemons = folders.map((_, n) => begin(n));
  const pulls = () => fake.state.issues.filter(({ pull }) => pull !== null);
  const why = (): string => daemons.map((one) => `${one.out().slice(-3_000)}${one.err()}`).join('\n---\n');
  const refs = (): string => place.repo.git(['for-each-ref', 'refs/tac8', 'refs/heads'], fake.bare);
  // Claims, pushes, pulls, comments: a kill comes after any of them.
  const steps = (): number => refs().split('\n').length + pulls().length + fake.state.comments.length;
  let random = 7;
  try {
    for (let kills = 0; kills < KILLS && pulls().length < issues.length; kills += 1) {
      // A made-up order that is the same each time.
      random = (random * 16_807) % 2_147_483_647;
      const before = steps();
      await until('something happens', () => steps() > before, { within: 90_000, why });
      await daemons[random % 2]?.end('SIGKILL');
      daemons[random % 2] = begin(random % 2);
    }
    await until('a pull for each issue', () => pulls().length >= issues.length, { within: MINUTES * 24_000, why });
    const told = () => fake.state.comments.filter(({ body }) => body.includes('tac8:comment'));
    await until('a comment for each issue', () => told().length >= issues.length, { within: 60_000, why });
    const starts = readFileSync(join(notes, 'starts'), 'utf8').trim().split('\n');
    expect(starts.map((path) => path.split('/').at(-1)).sort()).toEqual(issues.map((number) => `gh-${number}`).sort());
    expect(new Set(starts.map((path) => path.startsWith(other.folder)))).toEqual(new Set([true, false]));
    expect(pulls()).toHaveLength(issues.length);
    if (ISSUES > 8)
      process.stdout.write(`${ISSUES} issues, two daemons, ${KILLS} kills: ${starts.length} starts, ${pulls().length} pulls\n`);
    expect(
      told()
        .map(({ issue }) => issue)
        .sort(),
    ).toEqual([...issues].sort());

    // What one has done the other names, in both ways of asking; a sample shows it.
    if (ISSUES <= 8) {
      const theirs =
        starts
          .find((path) => path.startsWith(other.folder))
          ?.split('/')
          .at(-1) ?? '';
      await place.until('the words of the claim', async () =>
        (await place.status()).notes.some(({ task, text }) => task === theirs && /^claimed by .+ since 20/.test(text)),
      );
      const { out } = await place.tac8('why', theirs.slice('gh-'.length));
      expect(out).toMatch(/✗ claimed by .+ since 20/);
    }

    // Whose issue is closed is let go.
    for (const number of issues) fake.closeIssue('wil', number);
    await until('no claim is left', () => place.repo.git(['for-each-ref', 'refs/tac8'], fake.bare) === '', { why });
  } finally {
    for (const daemon of daemons) if (daemon.isRunning()) await daemon.end('SIGKILL');
  }
});

test('a remote that takes no claims is told of once, and the work is done', { timeout: 240_000 }, async (context) => {
  const place = await workplace(context);
  const { fake } = place;
  const hook = join(fake.bare, 'hooks/pre-receive');
  mkdirSync(join(fake.bare, 'hooks'), { recursive: true });
  writeFileSync(hook, '#!/bin/sh\nif grep -q refs/tac8/; then echo "GH013: no such refs" >&2; exit 1; fi\n');
  chmodSync(hook, 0o755);
  const agent = place.agent(`echo '{"type":"text"}'; echo x >work; git add -A; git commit -qm work`);
  place.configure({ ...claims, agent, github: { api_url: fake.url, claim: 'auto' } });
  const issues = [place.issue('One'), place.issue('Two')];
  place.start();
  await place.until('both are done', async () => (await place.status()).counts.completed === issues.length);
  const said = place.read('logs/tac8.log').match(/takes no claims of issues: tac8 goes on without/g);
  expect(said).toHaveLength(1);
});
