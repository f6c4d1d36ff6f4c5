import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { FakeGitHub } from '../../../src/forge-fake/server.ts';
import { workplace } from '../../support/world/daemon.ts';

/** A repository that gets another name or owner while work is under way: GitHub answers git at its former name with a redirect, which git with a login does not follow. */

test.each([
  ['renamed', (fake: FakeGitHub) => fake.rename('gadgets')],
  ['transferred to another owner', (fake: FakeGitHub) => fake.transfer('globex')],
] as const)(
  '%s in the midst of a run: the work is pushed where the repository is now, and the next begins from there',
  { timeout: 240_000 },
  async (_, move) => {
    const place = await workplace({ onTestFinished });
    const { fake } = place;
    const wait = 'while [ ! -e "$1/go" ]; do sleep 0.1; done';
    place.configure({
      agent: place.agent(`echo '{"type":"text"}'; touch "$1/began"; ${wait}; date +%s%N >"work-$$"; git add -A; git commit -qm work`),
    });
    const pulls = () => fake.state.issues.filter((one) => one.pull !== null);
    const one = place.issue('One');
    const daemon = place.start();
    await place.until('the agent at work', () => existsSync(join(place.notes, 'began')));
    move(fake);
    writeFileSync(join(place.notes, 'go'), '');
    await place.until('its pull', () => pulls().length === 1);
    expect(pulls()[0]?.pull?.head.ref).toBe(`auto/gh-${one}`);

    const two = place.issue('Two');
    await place.until('the next pull', () => pulls().length === 2);
    expect(pulls()[1]?.pull?.head.ref).toBe(`auto/gh-${two}`);
    expect((await daemon.end('SIGINT')).code).toBe(0);

    // The next daemon finds it anew.
    const three = place.issue('Three');
    place.start();
    await place.until('a pull of the next daemon', () => pulls().length === 3);
    expect(pulls()[2]?.pull?.head.ref).toBe(`auto/gh-${three}`);
    // What was asked at the former name with a login was answered with the redirect alone.
    const former = fake.journal.entries().filter(({ kind, path }) => kind === 'git' && path.startsWith('/acme/widgets'));
    const after = former.filter(({ status }) => status === 301);
    expect(after.length).toBeGreaterThan(0);
    expect(after.every(({ pushes }) => pushes === undefined)).toBe(true);
  },
);
