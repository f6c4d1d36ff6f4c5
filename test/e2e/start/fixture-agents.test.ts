import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { liveRuns } from '../../support/agents/agents-seen.ts';
import { SOURCES as MAIN } from '../../support/world/built.ts';
import { type Workplace, workplace } from '../../support/world/daemon.ts';
import { startProgram, until } from '../../support/world/program.ts';

const COMMIT = 'echo "$TAC8_TASK" >done.txt; git add done.txt; git commit -qm done';
const RESULT =
  '{"type":"result","subtype":"success","is_error":false,"terminal_reason":"completed","result":"Done.","usage":{"input_tokens":1,"output_tokens":1}}';

/** Agents as bad as they come, and what each of them ends as. */
const AGENTS: Readonly<Record<string, { readonly script: string; readonly ends: string }>> = {
  'ignores SIGTERM': { script: "trap '' TERM INT HUP; echo begun; while :; do sleep 1; done", ends: 'stalled' },
  'forks into another session': { script: `setsid sleep 1000450 & ${COMMIT}`, ends: 'completed' },
  'forks twice': { script: `(setsid sh -c 'sleep 1000450 & exit' &) ; ${COMMIT}`, ends: 'completed' },
  'clears the environment': { script: `(env -i /usr/bin/setsid sleep 1000450 &); ${COMMIT}`, ends: 'completed' },
  'holds stdout open': { script: `sleep 1000450 & ${COMMIT}; exit 0`, ends: 'completed' },
  'floods 100 MB/s': { script: 'trap "" TERM; while :; do head -c 1000000 /dev/zero | tr "\\0" x; echo; done', ends: 'output_limit' },
  'prints half a line and hangs': { script: 'printf \'{"type":"assist\'; exec sleep 1000450', ends: 'stalled' },
  'exits with 0 without a result': { script: 'exit 0', ends: 'no_pr' },
  'prints a result and never exits': { script: `${COMMIT}; echo '${RESULT}'; exec sleep 1000450`, ends: 'completed' },
};

const dispatcher = (): string => {
  const cases = Object.values(AGENTS).map(({ script }, n) => `gh-${n + 1}) ${script} ;;`);
  return `case "$TAC8_TASK" in\n${cases.join('\n')}\nesac\n`;
};

const limits = { min_free_memory: '16MiB', min_free_disk: '16MiB', load_per_core: 1000, start_gap: '0ms', attempts: 1 };

/** What /proc shows of sleepers that agents left, wherever they are. */
const sleepers = (place: Workplace): number => {
  const held = [...liveRuns(place.root).values()].flat().length;
  return held + place.strays().filter((words) => words.includes('1000450')).length;
};

test('each agent ends as what it is, in bounded time, and nothing of it lives on', { timeout: 240_000 }, async (context) => {
  const place = await workplace(context);
  const names = Object.keys(AGENTS);
  place.configure({
    agent: place.agent(dispatcher()),
    max_concurrent_workers: names.length,
    limits: { ...limits, silence: '4s', log: '30MiB' },
  });
  for (const name of names) place.issue(name);
  const daemon = place.start();
  const ends = async (): Promise<Record<string, string>> => {
    const { tasks } = await place.status();
    return Object.fromEntries(tasks.map(({ title, state, reason }) => [title, reason?.type ?? state]));
  };
  const isOver = (word: string): boolean => !['pending', 'active'].includes(word);
  await place.until('the end of all', async () => Object.values(await ends()).filter(isOver).length === names.length, 120_000, 500);
  expect(await ends()).toEqual(Object.fromEntries(Object.entries(AGENTS).map(([name, { ends: how }]) => [name, how])));
  expect(sleepers(place)).toBe(0);
  // From the launch to the verified end: the limit that ends it, and the times of the ladder.
  const at = (task: string, event: string): number =>
    Date.parse(daemon.happened().find((one) => one.task === task && one.event === event)?.at ?? '');
  for (const [n, name] of names.entries()) expect(at(`gh-${n + 1}`, 'ended') - at(`gh-${n + 1}`, 'launched'), name).toBeLessThan(45_000);
  expect((await daemon.end('SIGTERM')).code).toBe(0);
});

const UNSHARE = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'] as const;
const isPossible = spawnSync(UNSHARE[0], [...UNSHARE.slice(1), 'true'], { timeout: 5000 }).status === 0;

/** States of all processes in the namespace, looked at from outside. */
function statesIn(namespace: string): readonly string[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      if (!/^\d+$/.test(pid) || readlinkSync(`/proc/${pid}/ns/pid`) !== namespace) return [];
      return [/\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1] ?? '?'];
    } catch {
      return []; // ended meanwhile
    }
  });
}

describe.skipIf(!isPossible)('tac8 as the first process of a PID namespace', () => {
  test('two seconds after the last end of twenty workers that fork twice there is no zombie', { timeout: 240_000 }, async (context) => {
    const place = await workplace(context);
    const forks = 'for n in 1 2 3; do (setsid sh -c "sleep 0.$n & exit" &); done';
    place.configure({ agent: place.agent(`${forks}\n${COMMIT}\n`), max_concurrent_workers: 20, limits });
    for (let n = 1; n <= 20; n += 1) place.issue(`No. ${n}`);
    const daemon = startProgram([...UNSHARE, process.execPath, MAIN, 'start', '--json'], { cwd: place.root, env: place.env });
    context.onTestFinished(async () => void (daemon.isRunning() && (await daemon.end('SIGKILL'))));
    const completed = (): number => daemon.out().split('"event":"completed"').length - 1;
    const why = (): string => `${daemon.out().slice(-2000)}\n${daemon.err()}`;
    await until('twenty completed', () => completed() === 20, { within: 150_000, every: 100, why });
    const child = Number(readFileSync(`/proc/${daemon.pid}/task/${daemon.pid}/children`, 'utf8').trim().split(' ')[0]);
    const namespace = readlinkSync(`/proc/${child}/ns/pid`);
    const since = Date.now();
    // Polled, for it may be earlier; two seconds are all it has.
    await until('no process in state Z', () => !statesIn(namespace).includes('Z'), { within: 2_000, every: 50 });
    expect(Date.now() - since).toBeLessThan(3_000);
    expect(statesIn(namespace).length).toBeGreaterThan(0);
    writeFileSync(join(place.notes, 'done'), '');
    process.kill(child, 'SIGTERM');
    expect((await daemon.ended).code).toBe(0);
  });
});
