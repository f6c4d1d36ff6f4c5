import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Workplace, workplace } from '../../support/world/daemon.ts';

/* A worker asks GitHub with Debian's own `gh`, through the daemon. Where `gh` is not installed there is nothing to hold it against. */

const has = (program: string): Promise<boolean> =>
  new Promise((resolve) => execFile(program, ['--version'], (error) => resolve(error === null)));
const [hasGh, hasBox] = await Promise.all([has('gh'), has('bwrap')]);

const AGENT = `
gh issue view "\${TAC8_TASK#gh-}" --json title >title 2>&1
gh issue comment "\${TAC8_TASK#gh-}" --body hello >comment 2>&1
env >env
git add -A; git commit -qm x
`;

/** What the worker wrote down, which is what its branch has. */
async function wrote(place: Workplace, settings: object): Promise<(name: string) => string> {
  place.configure({ agent: place.agent(AGENT), ...settings });
  const number = place.issue('Flux capacitor');
  place.start();
  await place.until('a completed task', async () => (await place.status()).counts.completed === 1, 90_000);
  const tree = join(place.root, 'trees', `gh-${number}`);
  return (name) => readFileSync(join(tree, name), 'utf8');
}

describe.skipIf(!hasGh)('github.for_agents', () => {
  test.each([
    ['without a sandbox', {}, true],
    ['in a sandbox', { sandbox: { kind: 'bwrap' } }, hasBox],
  ] as const)('read, %s: it reads, and is refused every write; no token is there', { timeout: 240_000 }, async (_, more, isThere) => {
    if (!isThere) return;
    const place = await workplace({ onTestFinished });
    const token = place.env.GITHUB_TOKEN ?? 'none';
    const text = await wrote(place, { github: { api_url: place.fake.url, comments: false, for_agents: 'read' }, ...more });
    expect(JSON.parse(text('title'))).toEqual({ title: 'Flux capacitor' });
    expect(text('comment')).toContain('tac8: agents only read, and this is a mutation');
    expect(text('env')).not.toContain(token);
    expect(place.fake.state.comments).toEqual([]);
  });

  test('off, as it is by itself: there is no way', { timeout: 240_000 }, async (context) => {
    const place = await workplace(context);
    const text = await wrote(place, {});
    expect(text('title')).not.toContain('Flux');
    expect(text('env')).not.toMatch(/GH_TOKEN|GH_REPO/);
  });
});
