import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workplace } from '../../support/world/daemon.ts';

/* What a remote refuses for good, each by a hook that looks at what is pushed and says what GitHub says: one task ends, the others go on. */

const AGENT = `echo '{"type":"text"}'; by='Somebody <somebody@example.com>'
case "$TAC8_TASK" in
  gh-1) mkdir -p .github/workflows; echo 'on: push' >.github/workflows/ci.yml ;;
  gh-2) head -c 2000000 /dev/zero >big.bin ;;
  gh-5) by='Somebody <somebody@elsewhere.example>' ;;
esac
echo "$TAC8_TASK" >"$TAC8_TASK.txt"; git add -A; git commit -q --author="$by" -m work`;

/** Sizes are a hundredth of GitHub's. */
const HOOK = `#!/bin/sh
while read -r old new ref; do
  say() { echo "$1" >&2; exit 1; }
  case "$ref" in refs/heads/auto/*) ;; *) continue ;; esac
  if git diff --name-only main "$new" | grep -q '^.github/workflows/'; then
    say "refusing to allow a Personal Access Token to create or update workflow \\\`.github/workflows/ci.yml\\\` without \\\`workflow\\\` scope"
  fi
  for size in $(git rev-list --objects "main..$new" | cut -d' ' -f1 | git cat-file --batch-check='%(objectsize)'); do
    if [ "$size" -gt 1000000 ]; then say "error: File big.bin is 2.00 MB; this exceeds GitHub's file size limit of 1.00 MB
error: GH001: Large files detected. You may want to try Git Large File Storage."; fi
  done
  if git log --format=%ae "main..$new" | grep -q elsewhere; then
    say "error: GH013: Repository rule violations found for $ref.
- Commit author email must match a pattern"
  fi
  case "$ref" in
    */gh-3) say "error: GH006: Protected branch update failed for $ref." ;;
    */gh-4) say "error: GH013: Repository rule violations found for $ref.
- Cannot create ref due to creations being restricted." ;;
    */gh-6) say "ERROR: This repository was archived so it is read-only." ;;
  esac
done
`;

const CAUSES = {
  'gh-1': [/without `workflow` scope/, /workflows: write/],
  'gh-2': [/GH001: Large files/, /git-lfs/],
  'gh-3': [/GH006: Protected branch/, /branch_prefix/],
  'gh-4': [/creations being restricted/, /rule of the repository/],
  'gh-5': [/Commit author email/, /git\.author/],
  'gh-6': [/was archived/, /unarchives/],
} as const;

test(
  'each is known by name, told on the issue with what helps, within three tries; the others run on',
  { timeout: 240_000 },
  async (context) => {
    const place = await workplace(context);
    const { fake } = place;
    place.configure({ max_concurrent_workers: 3, agent: place.agent(AGENT), pulls: { draft: false, allow: ['.github/workflows/'] } });
    writeFileSync(join(fake.bare, 'hooks/pre-receive'), HOOK);
    for (let n = 1; n <= 7; n += 1) place.issue(`Issue ${n}`);
    place.start();
    const counts = async () => (await place.status()).counts;
    // More tasks than slots: who is refused keeps none.
    await place.until(
      'the end of all',
      async () => {
        const { failed, completed } = await counts();
        return failed === 6 && completed === 1;
      },
      180_000,
    );
    const { tasks } = await place.status();
    expect(tasks.find(({ id }) => id === 'gh-7')?.state).toBe('completed');
    const told = (number: number): string =>
      fake.state.comments
        .filter(({ issue }) => issue === number)
        .map(({ body }) => body)
        .join('\n---\n');
    for (const [id, [words, help]] of Object.entries(CAUSES)) {
      const number = Number(id.slice(3));
      expect([id, tasks.find((one) => one.id === id)?.reason]).toMatchObject([
        id,
        { type: 'delivery_error', message: expect.stringMatching(words) },
      ]);
      await place.until(`a comment on ${id}`, () => told(number) !== '');
      expect([id, told(number)]).toEqual([id, expect.stringMatching(help)]);
      expect([id, (await place.tac8('why', String(number))).out]).toEqual([id, expect.stringMatching(help)]);
      const tries = fake.journal.entries().filter(({ pushes = [] }) => pushes.some(({ ref }) => ref === `refs/heads/auto/${id}`));
      expect([id, tries.length <= 3]).toEqual([id, true]);
    }

    // Archived after the push: the API alone refuses, the comment as well. No slot waits for it.
    fake.faults.add({
      match: { method: 'POST', path: /\/(?:pulls|comments)$/ },
      kind: 'status',
      status: 403,
      body: { message: 'Repository was archived so is read-only.' },
      times: null,
    });
    const last = place.issue('Issue 8');
    const ended = await place.until('the end of the last', async () => {
      const task = (await place.status()).tasks.find(({ id }) => id === `gh-${last}`);
      return task?.state === 'failed' && task;
    });
    expect(ended.reason).toMatchObject({ type: 'delivery_error', message: expect.stringContaining('was archived so is read-only') });
    expect((await place.tac8('why', String(last))).out).toMatch(/until somebody unarchives it/);
    expect((await place.status()).counts).toMatchObject({ active: 0, failed: 7 });
  },
);
