import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workplace } from '../../support/world/daemon.ts';

/* A branch that two write to: the agent may write its own history anew, and nobody's else. */

/** In its second run it writes its one commit anew; told of another's commits, it goes after them. */
const AGENT = `echo '{"type":"text"}'; n=$(ls "$1" | wc -l); cat "$2" >"$1/prompt-$n"
if grep -q 'has commits of' "$2"; then git rebase -q "origin/$(git branch --show-current)"; exit 0; fi
echo $n >"work-$n"; git add -A
if [ "$n" = 1 ]; then git commit -q --amend -m 'written anew'; else git commit -qm "work $n"; fi`;

test(
  'a history that the agent wrote anew is pushed; a person’s commit on the branch stays, and the work comes after it',
  { timeout: 240_000 },
  async (context) => {
    const place = await workplace(context);
    const { fake } = place;
    const agent = place.agent(AGENT);
    place.configure({
      agent: { ...agent, command: [...agent.command, '{{ prompt_file }}'] },
      pulls: { draft: false, follow: true },
      limits: { retry_delay: '100ms' },
    });
    const prompt = (n: number): string =>
      existsSync(join(place.notes, `prompt-${n}`)) ? readFileSync(join(place.notes, `prompt-${n}`), 'utf8') : '';
    const stands = (runs: number) =>
      place.until(`in review after ${runs} runs`, async () => {
        const task = (await place.status()).tasks.find(({ id }) => id === 'gh-1');
        return task?.state === 'review' && prompt(runs - 1) !== '' && task;
      });
    const git = (...args: string[]): string => place.repo.git(['--git-dir', fake.bare, ...args]).trim();
    place.issue('One');
    const daemon = place.start();
    const number = (await stands(1)).pull?.number ?? 0;

    fake.review('wil', number, { state: 'CHANGES_REQUESTED', body: 'Make it one commit.' });
    await stands(2);
    expect(git('log', '--format=%s', 'main..auto/gh-1')).toBe('written anew');

    // Somebody's own commit on the branch, and then a wish.
    const tree = git('rev-parse', 'auto/gh-1^{tree}');
    const theirs = git('commit-tree', tree, '-p', 'auto/gh-1', '-m', 'By hand');
    const name = git('log', '-1', '--format=%an', theirs);
    git('update-ref', 'refs/heads/auto/gh-1', theirs);
    fake.review('wil', number, { state: 'CHANGES_REQUESTED', body: 'More.' });
    await stands(4);
    expect(prompt(3)).toContain(`has commits of ${name} (${theirs.slice(0, 7)}) that this work does not have`);
    expect(git('log', '--format=%s', 'main..auto/gh-1')).toBe('work 2\nBy hand\nwritten anew');
    expect(daemon.happened().map(({ detail }) => detail)).toContainEqual(expect.stringContaining(`commits of ${name} are there`));
    expect(fake.state.issues.filter(({ pull }) => pull !== null)).toHaveLength(1);
    expect((await place.status()).counters).toMatchObject({ workers_completed: 1, prs_created: 1 });
  },
);
