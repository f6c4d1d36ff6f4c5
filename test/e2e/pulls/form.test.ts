import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workplace } from '../../support/world/daemon.ts';

/* How a pull looks: in the repository's own form, by the person's settings, with the commits in the person's name. */

const TEMPLATE = '## Description\n<!-- What and why -->\n\n## Checklist\n- [ ] I have read the rules\n';

test(
  'the repository’s template, a title, labels, reviewers, assignees, and who the commits are by',
  { timeout: 240_000 },
  async (context) => {
    const place = await workplace(context, { files: { 'README.md': 'Widgets.\n', '.github/PULL_REQUEST_TEMPLATE.md': TEMPLATE } });
    const { fake } = place;
    mkdirSync(join(place.home, 'home'), { recursive: true });
    writeFileSync(join(place.home, 'home', '.gitconfig'), '[user]\n\tname = Ann Example\n\temail = ann@example.com\n');
    // What the worker says of the template counts for nothing: the base's does.
    const agent = place.agent(`echo '{"type":"text"}'; echo Mine. >.github/PULL_REQUEST_TEMPLATE.md; git add -A; git commit -qm work`);
    const form = { title: '[bot] {title} ({task})', labels: ['robot'], reviewers: ['wil', 'acme/core'], assignees: ['ana'] };
    place.configure({ agent, branch_name: '{task}-{title}', pulls: { draft: false, ...form } });
    const issue = place.issue('Say hello to @maria');
    place.start();
    const pull = await place.until('a pull', () => fake.state.issues.find((one) => one.pull !== null && one.reviewers !== undefined));
    expect(pull).toMatchObject({
      title: `[bot] Say hello to @\u200bmaria (gh-${issue})`,
      ...{ labels: ['robot'], assignees: ['ana'], reviewers: ['wil'], teams: ['core'] },
    });
    expect(pull.body).toMatch(
      new RegExp(
        `^Closes #${issue}\\n\\n## Description\\n\\n(?:.|\\n)*To have the work go on: (?:.|\\n)*\\n## Checklist\\n- \\[ \\] I have`,
      ),
    );
    expect(pull.body).not.toMatch(/Mine\.|What and why/);
    expect(pull.pull?.head.ref).toBe(`auto/gh-${issue}-say-hello-to-maria`);
    const head = pull.pull?.head.sha ?? '';
    expect(place.repo.git(['log', '-1', '--format=%an <%ae>', head]).trim()).toBe('Ann Example <ann@example.com>');
  },
);

test('a reviewer who may not review is told of, and keeps nothing back', { timeout: 240_000 }, async (context) => {
  const place = await workplace(context);
  const { fake } = place;
  const agent = place.agent(`echo '{"type":"text"}'; echo x >x; git add -A; git commit -qm work`);
  place.configure({ agent, git: { author: 'Robot <robot@example.com>' }, pulls: { reviewers: ['fay'], labels: ['robot'] } });
  place.issue('One');
  const daemon = place.start();
  await place.until('a completed task', async () => (await place.status()).counts.completed === 1);
  expect(daemon.happened().map(({ detail }) => detail)).toContainEqual(expect.stringMatching(/pulls\.reviewers: .*not a collaborator/));
  const pull = fake.state.issues.find((one) => one.pull !== null);
  expect(pull?.labels).toEqual(['robot']);
  expect(place.repo.git(['log', '-1', '--format=%an <%ae>', pull?.pull?.head.sha ?? '']).trim()).toBe('Robot <robot@example.com>');
});
