import { expect, test, vi } from 'vitest';
import { type Workplace, workplace } from '../support/world/daemon.ts';

/** A fork that git pushes to, and pulls in the repository that it is a fork of. */

// Each runs a daemon to the end of a task, and a machine may be busy.
vi.setConfig({ testTimeout: 120_000 });

const WORK = `echo work >"$TAC8_TASK.txt"
git add -A && git commit -qm "work on $TAC8_TASK"
`;

async function says(place: Workplace, check: string): Promise<string> {
  const { findings } = JSON.parse((await place.tac8('doctor', '--json')).out) as {
    readonly findings: readonly { readonly check: string; readonly says: string }[];
  };
  return findings.flatMap((finding) => (finding.check === check ? [finding.says] : [])).join('\n');
}

const completed = async (place: Workplace, id: string) =>
  (await place.status()).tasks.find((task) => task.id === id)?.state === 'completed';
const FORK: Readonly<Record<string, (place: Workplace, fork: string) => void>> = {
  'as origin': ({ repo }, fork) => void repo.git(['remote', 'set-url', 'origin', fork]),
  'as the push address alone': ({ repo }, fork) => void repo.git(['remote', 'set-url', '--push', 'origin', fork]),
};

test.for(Object.entries(FORK))('a fork %s: branches go there, pulls upstream, and doctor says so', async ([, set], context) => {
  const place = await workplace(context);
  const fork = await place.fake.fork('tac8-bot');
  set(place, fork);
  place.configure({ repo: 'acme/widgets', agent: place.agent(WORK), github: { api_url: place.fake.url } });
  expect(await says(place, 'github')).toContain('pulls are opened there, from branches of tac8-bot/widgets');
  expect(await says(place, 'rights')).toBe('this account may push to tac8-bot/widgets, open pulls and comment');
  expect(await says(place, 'remote')).toContain(fork);
  place.issue('Work from a fork');
  place.start();
  await place.until('the pull', () => completed(place, 'gh-1'), 90_000);
  const [pull, ...others] = place.fake.state.issues.flatMap(({ pull }) => (pull === null ? [] : [pull]));
  expect(others).toEqual([]);
  expect(pull?.head).toMatchObject({ owner: 'tac8-bot', ref: 'auto/gh-1' });
  expect(place.repo.tryGit(['--git-dir', place.fake.bare, 'rev-parse', '--verify', 'refs/heads/auto/gh-1']).code).not.toBe(0);
});
