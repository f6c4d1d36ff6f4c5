import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MAIN } from '../../support/world/built.ts';
import { workplace } from '../../support/world/daemon.ts';

/*
 * A worker says what only a person may say: by a command of its own, and by a row that it writes into the database. The canary is another
 * task, which a person holds back. The twin is the person, who says the same.
 */

/** One that lets go on what is held, and one of each that ends, holds or changes something. */
const ROW = `
const { DatabaseSync } = require('node:sqlite');
const db = new DatabaseSync(process.argv[1]);
for (const [verb, task] of [['resume', 'gh-2'], ['cancel', 'gh-2'], ['priority', 'gh-2'], ['pause', null], ['stop-workers', null]])
  db.prepare("INSERT INTO requests (at, verb, task, args) VALUES (?, ?, ?, '{}')").run(Date.now(), verb, task);
`;

test('a worker lets no task go on that a person holds back; the person does, and both are kept', { timeout: 180_000 }, async (context) => {
  const place = await workplace(context);
  const node = `${process.execPath} --disable-warning=ExperimentalWarning`;
  writeFileSync(join(place.home, 'row.cjs'), ROW);
  const attacks = ['resume gh-2', 'cancel gh-2', 'tell gh-2 Hello', 'retry gh-2 --message "Use Parquet."', 'resume', 'add More'];
  place.configure({
    max_concurrent_workers: 2,
    agent: place.agent(`
if [ "$TAC8_TASK" = gh-1 ]; then
  until [ -e "$1/go" ]; do sleep 0.1; done
  rm ${place.root}/.tac8/door.sock
${attacks.map((words) => `  ${node} ${MAIN} -C ${place.root} ${words} >>"$1/said" 2>&1; echo "left with $?" >>"$1/said"`).join('\n')}
  ${node} -e "$(cat ${join(place.home, 'row.cjs')})" ${join(place.root, '.tac8/tac8.db')} && echo written >>"$1/said"
fi
echo "$TAC8_TASK" >done.txt; git add -A; git commit -qm work`),
  });
  place.issue('The intruder');
  place.start();
  await place.until('the intruder works', async () => (await place.status()).counts.active === 1, 60_000);
  // Held back before it is there to be started.
  expect((await place.tac8('pause')).code).toBe(0);
  place.issue('Held back');
  await place.until('it waits', async () => (await place.status()).counts.pending === 1, 60_000);
  expect((await place.tac8('pause', 'gh-2')).code).toBe(0);
  expect((await place.tac8('resume')).code).toBe(0);

  writeFileSync(join(place.notes, 'go'), '');
  await place.until('the intruder has ended', async () => (await place.status()).counts.completed === 1, 60_000);
  const said = readFileSync(join(place.notes, 'said'), 'utf8');
  expect(said.match(/only a person may ask for this, and process \d+ .* belongs to the worker/g)).toHaveLength(attacks.length);
  expect(said.match(/left with 5/g)).toHaveLength(attacks.length);
  expect(said).toContain('written');
  const words = async () => JSON.parse((await place.tac8('history', 'gh-2', '--said', '--json')).out) as { detail: string }[];
  await place.until('the rows are answered', async () => (await words()).length === 4, 60_000);
  const forged = (verb: string) =>
    expect.stringMatching(`^${verb}, by nobody that is known: it lay in the database; refused: .*nobody was heard to say this`);
  expect((await words()).map(({ detail }) => detail)).toEqual([
    expect.stringMatching(/^pause, by user \d+, process \d+ \(.*\), over the door$/),
    ...['resume', 'cancel', 'priority'].map(forged),
  ]);
  expect(JSON.parse((await place.tac8('status', '--json')).out)).toMatchObject({ paused_at: null });
  const held = (await place.status()).tasks.find(({ id }) => id === 'gh-2');
  expect([held?.state, held?.attempts]).toEqual(['pending', 0]);

  expect((await place.tac8('resume', 'gh-2')).code).toBe(0);
  await place.until('it is done', async () => (await place.status()).counts.completed === 2, 60_000);
  expect((await words()).at(-1)?.detail).toMatch(/^resume, by user \d+, process \d+ \(.*\), over the door$/);
  const { out } = await place.tac8('history', 'gh-2');
  expect(out).toMatch(/said +resume, by user[\s\S]*completed/);
});
