import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fleet } from '../../support/postgres/machines.ts';

/** Commits as many lines as its name stands for. */
const AGENT = `cat >/dev/null
case $2 in
  small) echo one >small.txt;;
  *) printf 'a\\nb\\nc\\n' >large.txt;;
esac
git add -A && git commit -qm "$2"
`;

test(
  'attempts side by side on two machines: the best becomes the one pull, and the other is kept here',
  { timeout: 300_000 },
  async (context) => {
    const { place, runner, folder } = await fleet(context);
    const { kind, command } = place.agent(AGENT);
    const called = (name: string) => ({ kind, command: [...command, name] });
    place.configure({
      ...{ machines: {}, base_branch: 'main', agent: called('large'), agents: { small: called('small') } },
      routes: [{ when: { labels: ['race'] }, attempts: { race: ['default', 'small'] } }],
    });
    const n = place.fake.createIssue('wil', { title: 'Say hello', body: 'Say hello.', labels: ['rpi-auto', 'race'] });
    place.start();
    const runners = [runner('one', 1), runner('two', 1)];
    await place.until('the comment', () => place.fake.state.comments.length > 0, 120_000);
    const pulls = place.fake.state.issues.filter(({ pull }) => pull !== null);
    expect(pulls.map(({ pull }) => pull?.head.ref)).toEqual([`auto/gh-${n}.small`]);
    expect(place.repo.git(['show', `auto/gh-${n}.default:large.txt`])).toContain('a');
    const { tasks } = await place.status();
    const racers = tasks.filter(({ id }) => id.startsWith(`gh-${n}.`));
    expect(racers.map(({ run }) => run?.machine).sort()).toEqual(['one', 'two']);
    for (const { id, run } of racers) {
      expect(existsSync(join(folder(run?.machine ?? ''), 'logs', `${id}.jsonl`))).toBe(true);
      expect(existsSync(join(place.root, 'trees', id))).toBe(false);
    }
    const { attempts } = JSON.parse((await place.tac8('compare', String(n), '--json')).out) as { attempts: object[] };
    expect(attempts).toMatchObject([
      { task: `gh-${n}.default`, outcome: 'done', files: ['large.txt'], pull: null },
      { task: `gh-${n}.small`, outcome: 'done', files: ['small.txt'], pull: pulls[0]?.number },
    ]);
    await Promise.all(runners.map((one) => one.end('SIGTERM')));
  },
);
