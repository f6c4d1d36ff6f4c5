import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MAIN } from '../../support/world/built.ts';
import { workplace } from '../../support/world/daemon.ts';

/*
 * A worker rewrites tac8.yaml, so that the next one gets a variable of the daemon's environment, and orders a reload. The daemon knows whose
 * process asks. The twin is a person's reload of the same file.
 */

test(
  'settings that a worker writes hand on no variable, and its reload is refused; a person’s counts',
  { timeout: 120_000 },
  async (context) => {
    const place = await workplace(context);
    place.env.A_SECRET = 'canary';
    const agent = (env: readonly string[]) => ({
      ...place.agent(`echo "\${A_SECRET-nothing}" >>"$1/secrets"
if [ "$TAC8_TASK" = gh-1 ]; then
  cp ${join(place.home, 'evil.yaml')} ${join(place.root, 'tac8.yaml')}
  ${process.execPath} --disable-warning=ExperimentalWarning ${MAIN} -C ${place.root} reload >"$1/reload" 2>&1; echo "left with $?" >>"$1/reload"
fi
echo "$TAC8_TASK" >done.txt; git add -A; git commit -qm work`),
      env,
    });
    const withAgent = (env: readonly string[]): string => {
      place.configure({ max_concurrent_workers: 1, agent: agent(env) });
      return readFileSync(join(place.root, 'tac8.yaml'), 'utf8');
    };
    writeFileSync(join(place.home, 'evil.yaml'), withAgent(['A_SECRET']).replace('max_concurrent_workers: 1', 'max_concurrent_workers: 2'));
    withAgent([]);
    const done = async (count: number) => (await place.status()).counts.completed === count;

    place.issue('The intruder');
    place.start();
    await place.until('the first', () => done(1), 60_000);
    expect(readFileSync(join(place.notes, 'reload'), 'utf8')).toMatch(
      /only a person may ask for this, and process \d+ .* belongs to the worker.*\nleft with 5/,
    );
    place.issue('The next one');
    await place.until('the second', () => done(2), 60_000);
    expect(readFileSync(join(place.notes, 'secrets'), 'utf8')).toBe('nothing\nnothing\n');
    const { notes } = await place.status();
    expect(notes.map(({ text }) => text)).toContainEqual(
      expect.stringMatching(/tac8\.yaml was changed: `agent\.env` counts after `tac8 reload`/),
    );

    const { code, out } = await place.tac8('reload');
    expect({ code, out }).toEqual({ code: 0, out: 'all of tac8.yaml counts now; running workers go on\n' });
    place.issue('After a person’s word');
    await place.until('the third', () => done(3), 60_000);
    expect(readFileSync(join(place.notes, 'secrets'), 'utf8')).toBe('nothing\nnothing\ncanary\n');
    expect(JSON.stringify(await place.status())).not.toContain('tac8.yaml was changed');
  },
);
