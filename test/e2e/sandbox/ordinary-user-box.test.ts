import { join } from 'node:path';
import { expect, test } from 'vitest';
import { whyNoBox } from '../../../src/adapters/process/box/bwrap.ts';
import { canBeRunBy, NOBODY } from '../../support/machine/other-user.ts';
import { SOURCES } from '../../support/world/built.ts';
import { workplace } from '../../support/world/daemon.ts';
import { boxedSettings, proveBefore } from '../../support/world/in-the-box.ts';
import { until } from '../../support/world/program.ts';

const can = whyNoBox() === null && canBeRunBy(NOBODY, process.execPath, SOURCES);

/** Without a cgroup of its own its runs are held by a process namespace, for which it borrows root; a box lets nobody do that. */
test.skipIf(!can)('an ordinary user’s workers work in their boxes', { timeout: 240_000 }, async (context) => {
  const place = await workplace(context, { user: NOBODY });
  place.configure({
    ...boxedSettings(place.home, place.notes),
    agent: place.agent('id -u >who; git add -A && git commit -qm "$(cat who)"'),
  });
  proveBefore(join(place.root, '.tac8'), NOBODY);
  const task = `gh-${place.issue('Say who you are')}`;
  const daemon = place.start();
  await place.until('the pull', () => place.board().includes('- PR: #'), 100_000);
  expect(place.repo.git(['log', '-1', '--format=%s', `auto/${task}`])).toBe(String(NOBODY));
  expect((await daemon.end('SIGTERM')).code).toBe(0);
  await until('nothing left behind', () => place.strays().length === 0, { within: 100_000, why: () => place.strays().join('\n') });
});
