import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Daemon, type Workplace, workplace } from '../../support/world/daemon.ts';

const LIMIT = { timeout: 180_000 };

/** Says what it does as claude does: begins, calls the same tool again and again, says what it has cost, works on until it is let end. */
const AGENT = `
say() { printf '%s\\n' "$1"; }
say '{"type":"system","subtype":"init","session_id":"11111111-1111-4111-8111-111111111111","model":"m"}'
n=0
while [ ! -e "$1/end" ]; do
  n=$((n + 1))
  if [ $n -le 16 ]; then
    say '{"type":"assistant","message":{"id":"m'$n'","content":[{"type":"tool_use","id":"t'$n'","name":"Bash","input":{"command":"npm test"}}]}}'
    say '{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"t'$n'","content":"red"}]}}'
  fi
  [ -e "$1/cost" ] && [ ! -e told ] && say '{"type":"result","subtype":"success","is_error":false,"total_cost_usd":8.5,"usage":{"input_tokens":10,"output_tokens":1},"num_turns":1,"result":"so far"}' && touch told
  [ -e told ] && say '{"type":"system","subtype":"init","session_id":"11111111-1111-4111-8111-111111111111","model":"m"}'
  sleep 0.1
done
echo done >done.txt
git add done.txt && git commit -qm 'all of it'
`;

const limits = { min_free_memory: '16MiB', min_free_disk: '16MiB', turns: 20, usd_per_task: 10, retry_delay: '200ms' };

interface Warned {
  readonly warnings: readonly { readonly by: string; readonly text: string }[];
}

async function warningsOf(place: Workplace, task: string): Promise<Readonly<Record<string, string>>> {
  const run = (await place.status()).tasks.find(({ id }) => id === task)?.run as unknown as Warned | null;
  return Object.fromEntries((run?.warnings ?? []).map(({ by, text }) => [by, text]));
}

const warned = (daemon: Daemon): readonly string[] =>
  daemon.happened().flatMap(({ event, detail }) => (event === 'warned' ? [detail] : []));

test('what comes near a limit, and what goes round in a circle, is told once, and nothing is ended for it', LIMIT, async (context) => {
  const place = await workplace(context);
  place.configure({ agent: place.agent(AGENT), limits, worktrees: { save_every: '300ms' } });
  const task = `gh-${place.issue('Go round')}`;
  const daemon = place.start();
  await place.until('it is told', async () => {
    const told = await warningsOf(place, task);
    return told['limits.turns'] !== undefined && told['no progress'] !== undefined;
  });
  expect(await warningsOf(place, task)).toMatchObject({
    'limits.turns': '16 of 20 turns',
    'no progress': expect.stringMatching(
      /^the last 1[2-6] tool calls repeat \(Bash: npm test\), and nothing in the worktree has changed for 1m$/,
    ),
  });
  const why = await place.tac8('why', task);
  expect(why.out).toContain('limits.turns: 16 of 20 turns');
  expect((await place.tac8('status')).out).toContain('limits.turns: 16 of 20 turns');
  expect(place.read('logs/tac8.log')).toMatch(/"level":40.*gh-1 w-[0-9a-f]{6}: no progress: /);
  expect(warned(daemon).map((text) => text.split(':')[0])).toHaveLength(2);
  writeFileSync(join(place.notes, 'end'), '');
  await place.until('the pull', () => place.board().includes('- PR: #'));
  expect(warned(daemon)).toHaveLength(2);
});

test('beyond usd_per_day nothing new starts; what was spent outlives the daemon; the next day it goes on', LIMIT, async (context) => {
  const place = await workplace(context);
  // Noon, wherever the tests run: no midnight comes between.
  place.env.TZ = `TEST${(new Date().getUTCHours() - 12 + 24) % 24}`;
  place.configure({ agent: place.agent(AGENT), max_concurrent_workers: 1, limits: { ...limits, turns: 10_000, usd_per_day: 9 } });
  const [one, two] = [`gh-${place.issue('One')}`, `gh-${place.issue('Two')}`];
  const first = place.start();
  writeFileSync(join(place.notes, 'cost'), '');
  await place.until('the warning', async () => (await warningsOf(place, one))['limits.usd_per_task'] === '$8.50 of $10.00');
  await place.until('that the day is nearly spent', async () =>
    (await place.status()).notes.some(({ text }) => text === '$8.50 of $9.00 for today are spent (limits.usd_per_day)'),
  );
  await first.end('SIGKILL');
  place.configure({ agent: place.agent(AGENT), max_concurrent_workers: 1, limits: { ...limits, turns: 10_000, usd_per_day: 8 } });
  const second = place.start();
  writeFileSync(join(place.notes, 'end'), '');
  await place.until('the pull', () => place.board().includes('- PR: #'));
  const said = /\$8\.50 of \$8\.00 for today are spent \(limits\.usd_per_day\): nothing new starts before midnight/;
  await place.until('that nothing starts', async () => said.test((await place.tac8('status')).out));
  expect((await place.tac8('why', two)).out).toMatch(said);
  expect((await place.status()).tasks.find(({ id }) => id === two)?.state).toBe('pending');
  await second.end('SIGKILL');
  // Another day in another zone.
  place.env.TZ = `TEST${(new Date().getUTCHours() + 13) % 24}`;
  const third = place.start();
  await place.until('the other one runs', () => third.happened().some(({ task, event }) => task === two && event === 'launched'));
});

test('a worker that takes more of the disk than limits.disk is ended, its work kept, and is told so', LIMIT, async (context) => {
  const place = await workplace(context);
  const script = 'echo work >work.txt; head -c 40000000 /dev/zero >"$HOME/big"; while :; do sleep 1; done';
  place.configure({ agent: place.agent(script), limits: { ...limits, disk: '32MiB', attempts: 1 } });
  const task = `gh-${place.issue('Fill the disk')}`;
  const daemon = place.start();
  const says = (): string | undefined => daemon.happened().find(({ event }) => event === 'failed')?.detail;
  expect(await place.until('its end', says, 100_000)).toMatch(
    /^output_limit: limits\.disk: its worktree and home take \d\d MiB of 32 MiB$/,
  );
  await place.until('the board', () => place.board().includes('limits.disk'), 60_000);
  expect((await place.tac8('why', task)).out).toMatch(/The task uses more disk than limits\.disk lets it/);
  await place.until(
    'its work',
    () =>
      place.repo.git(['for-each-ref', `refs/tac8/saved/${task}`]) !== '' ||
      place.repo.git(['log', '--format=%s', `main..auto/${task}`]) !== '',
    60_000,
  );
  expect(place.strays()).toEqual([]);
});
