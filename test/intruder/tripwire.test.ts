import { execFile } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { layTripwire } from '../setup/tripwire.ts';
import { environment, workplace } from '../support/world/daemon.ts';

/*
 * The tripwire of the whole run (`test/setup/tripwire.ts`) is in each workplace's settings. Its twin: a wire of this test's own, and plain git with the
 * login, as a daemon without the safeguard would call it.
 */

test(
  'every workplace leads to the tripwire whoever believes its settings; plain git does, and is heard',
  { timeout: 120_000 },
  async (context) => {
    const place = await workplace(context);
    expect(place.repo.git(['config', 'http.proxy']).trim()).toBe(process.env.TAC8_TRIPWIRE);

    const own = await layTripwire();
    context.onTestFinished(() => own.close());
    appendFileSync(join(place.root, '.git/config'), `[http]\n\tproxy = ${own.url}\n`);
    const address = place.fake.cloneUrl.replace('://', `://x-access-token:${place.env.GITHUB_TOKEN}@`);
    await new Promise((done) => execFile('git', ['ls-remote', address], { cwd: place.root, env: environment(place.home) }, done));
    expect(own.heard).toEqual([expect.stringMatching(/^GET http:\/\/127\.0\.0\.1:\d+\/acme\/widgets\.git/)]);

    // The daemon delivers a task past both.
    place.configure({ agent: place.agent('echo done >done.txt; git add -A; git commit -qm work') });
    place.issue('One');
    const daemon = place.start();
    await place.until('its end', async () => (await place.status()).counts.completed === 1, 100_000);
    expect((await daemon.end('SIGTERM')).code).toBe(0);
    expect(own.heard).toHaveLength(1);
  },
);
