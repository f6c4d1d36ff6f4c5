import { beforeAll, describe, expect, it } from 'vitest';
import type { Task } from '../../src/core/model/task.ts';
import { MINUTE } from './incidents/incidents.ts';
import { costSentences } from './judge/cost.ts';
import { boardSentences } from './judge/words/board-words.ts';
import { fleetSentences, runSentences } from './judge/words/fleet-words.ts';
import type { Found, Planted, Where } from './judge/words/statements.ts';
import { waitingSentences } from './judge/words/waiting-words.ts';
import { whySentences } from './judge/words/why-words.ts';
import { type SimulationOptions, simulate } from './simulate.ts';
import type { Stage } from './stage.ts';

/** What would be said instead, of what is said there and of which task; null: nothing. */
type Instead = string | ((said: string, task: Task) => string | null);
/** `of`: of what is said there it takes the place. */
type Row = readonly [where: Where, lie: Instead, because: RegExp, of?: RegExp];

const ofWho =
  (words: string): Instead =>
  (_, { id }) =>
    words.replaceAll('ID', id);
const inPlace =
  (pattern: RegExp, words: string): Instead =>
  (said) =>
    pattern.test(said) ? said.replace(pattern, words) : null;

/** For each sentence that the judge knows one that is false. */
const LIES: readonly Row[] = [
  ['status', 'paused by a person', /nobody has paused it/],
  ['status', 'the fleet is paused: `tac8 resume` goes on', /nobody has paused it/],
  ['status', 'parked: billing_error', /no agent met billing_error/],
  ['status', 'backing off for 5 m after billing_error', /no agent of it ever ended by billing_error/],
  ['status', (_, task) => (task.state === 'pending' && task.last === null ? 'backing off' : null), /nothing of it has failed/],
  ['status', 'waiting for a slot (97/97)', /there are \d+/],
  ['status', 'another task was started just now (limits.start_gap)', /that is a moment ago/],
  ['status', 'only 12 MiB of memory are free (limits.min_free_memory 1024 MiB)', /there is enough/],
  ['status', 'only 12 MiB of disk are free (limits.min_free_disk 1024 MiB)', /there is enough/],
  ['status', '97.0 processes want each core (limits.load_per_core 4)', /there are fewer/],
  ['status', '$97000.00 of $100.00 for today are spent (limits.usd_per_day): nothing new starts before midnight', /all agents together/],
  ['status', 'waiting for a slot of the agent codex (1/1, agents.codex.slots)', /no agent has slots of its own/],
  ['status', 'enough pulls of tac8 wait for people (97 open, max_open_pulls 3)', /nobody has set how many/],
  ['status', 'claimed by nowhere since 2026-11-22 14:03:11', /nobody claims issues here/],
  ['status', 'nothing holds it: the next look starts it', /that takes no such time/],
  ['status', 'depends on 97 open issues; tac8 is looking up which', /all that it depends on are closed/],
  ['status', 'before it starts tac8 looks up whether it depends on open issues', /the list tells of its issue/],
  ['status', 'tac8 does not know who put the label on: no answer', /that takes no such time/],
  ['status', 'depends on 97 open issues that the token may not see', /all that it depends on are closed/],
  ['status', 'depends on #9999', /#9999 is closed/],
  ['status', "a person's open pull #9999 by mallory closes it", /that pull is not open/],
  ['status', 'its branch has an open pull already: #9999', /that pull is not open/],
  [
    'status',
    'not started: mallory put the label on and has only read access: someone with write access has to put it on.',
    /put it on last/,
  ],
  ['status', 'not started: "rpi-auto" was put on by a[bot], which is not a person', /persons with accounts put it on/],
  ['status', 'not started: GitHub has no record of who put "rpi-auto" on: take it off and put it on again.', /it has/],
  ['status', 'issue closed', /it is open and bears the label/],
  ['status', 'the issue was edited after its label was put on', /nobody edited it/],
  ['status', 'the daemon is about to leave: nothing new starts', /it was not told to/],
  ['status', 'w-ffffff still lives (pid 1)', /nothing of it lives/],
  ['status', 'GitHub: open pulls are unknown: 502', /that takes no such time/],
  ['status', 'tasks.md line 4: gh-9999 is there already', /there is no gh-9999/],
  ['status', 'kept: its issue is missing from the list, but is open and bears the label', /that takes no such time/],
  ['status', 'no daemon runs: nothing starts', /one does/],
  ['status', 'all is well', /nobody has written down what this sentence rests on/],
  ['status', 'attempts side by side: gh-9999.deft', /there is no gh-9999/],
  ['status', ofWho('attempts side by side: ID.deft: at work'), /is not at work/],
  ['status', 'gh-9999.deft was chosen of 2 attempts', /none was/],
  ['status', 'gh-9999.deft was chosen: it is completed', /none was/],
  ['why', 'gh-9999.deft was chosen for gh-9999', /none was/],
  ['why', 'chosen: gh-9999.deft: luck', /none was/],
  ['why', 'as many attempts side by side as there are agents: a, b', /they have begun/, /^attempts side by side/],
  ['why', 'the agent is deft: it is one of several attempts', /it is not so/],
  ['why', 'done, and gh-9999.deft was chosen for gh-9999', /none was/],
  ['why', 'done: it waits for the other attempts at gh-9999', /none of them works/],
  ['why', ofWho('ID has not begun its attempts'), /it has/, /^attempts side by side/],
  ['why', ofWho('it is one of 97 attempts at ID'), /there are not so many/],
  ['why', '97 attempts were made side by side: a, b', /there were not so many/],
  ['why', 'the agent is two: the login nobodys is parked, and next: no further route fits', /no agent with the login nobodys/],
  ['why', 'the agent is two: routes[9] (title: 9) fits', /another one does, or none/],
  ['why', 'there is no such task', /there is/],
  ['why', 'it is not an open, unlocked issue with the label rpi-auto', /it is one/],
  ['why', 'the state of GitHub is unknown: 502', /that takes no such time/],
  ['why', 'the daemon is not about to leave', /it was told to/, /is about to leave/],
  ['why', 'the fleet is not paused', /somebody has paused it/, /^the fleet is paused/],
  ['why', 'a slot is free (0/97)', /there are \d+/],
  ['why', 'a slot of the agent codex is free (0/1)', /no agent has slots of its own/],
  ['why', 'there may be one more pull of tac8 (1 open, max_open_pulls 3)', /nobody has set how many/],
  ['why', 'its issue is claimed by this daemon', /nobody claims issues here/],
  ['why', 'this GitHub does not report dependencies between issues', /it does/],
  ['why', 'no open pull closes it', /#\d+ does/, /^a person's open pull/],
  ['why', 'it depends on no other issue', /one of them is open/, /^depends on/],
  ['why', 'its issue is open and bears the label', /it is not/, /^cancelled: /],
  ['why', 'mallory put the label on and has write access.', /put it on last/],
  ['why', '5 tasks are before it: gh-9999', /gh-9999 does not wait/],
  ['why', 'it waits for nothing: the next tick starts it', /that takes no such time/],
  ['why', 'tac8 is looking up what still runs here: not asked yet', /that takes no such time/],
  ['why', 'w-ffffff still lives (pid 1), and tac8 cannot tell for which task', /nothing of it lives/],
  ['why', 'run w-ffffff is being written down', /that takes no such time/],
  ['why', 'run w-ffffff works, attempt 1/3, by somebody', /the settings say something else/, /^run /],
  ['why', 'the agent lives: pid 1, 97 processes', /\d+ processes live/, /^the agent lives/],
  ['why', inPlace(/^the agent lives: pid (\d+),.*$/, 'the agent (pid $1) is gone'), /it lives/],
  ['why', 'the agent was never launched', /it was/, /^the agent lives/],
  ['why', 'tac8 has not looked at its process', /that takes no such time/],
  ['why', 'it has said nothing yet', /it has/, /^last heard/],
  ['why', 'last heard: nothing (97 turns)', /it has had \d+/, /^last heard/],
  ['why', 'to be ended by limits.turns: 80 of 80', /that takes no such time/],
  ['why', 'to be ended by a person: enough', /nobody ended it/],
  ['why', 'limits.turns would end it', /nothing of it lives/, /^its last run is/],
  ['why', 'limits.silence: no output for 8 m', /nothing of it lives/, /^its last run is/],
  ['why', 'limits.run_time: 12 m of 2 h', /nothing of it lives/, /^its last run is/],
  ['why', 'pushing did not work (2 tries): 502', /nothing keeps it from working/],
  ['why', 'done: branch auto/gh-1', /it was never pushed/, /^its last run is/],
  ['why', 'done: https://forge.test/pull/9999', /there is no such pull of it/, /^(?:done|in review): https/],
  ['why', 'not merged: nobody has approved it', /the forge is on every merge/],
  ['why', 'no commit on a-branch, by w-ffffff', /w-ffffff is no run of it/],
  ['why', 'commit fffffff on a-branch, by w-000001', /no such commit is on its branch/, /^commit /],
  ['why', 'what was pushed is the head of the worktree: fffffff', /no such commit is on its branch/, / is the head of the worktree/],
  ['why', 'the heads differ: pushed aaaaaaa, worktree aaaaaaa', /they are the same/, / is the head of the worktree/],
  ['why', 'no tests were seen among the agent’s calls', /there were some/, /^the agent ran tests/],
  ['why', 'the agent ran tests 3 times', /it has called nothing/, /^its last run is/],
  ['why', 'checks of that commit: 3 passed', /nothing is built here/],
  ['why', 'it changes 2 files: a.txt, b.txt', /it has no commit/, /^its last run is/],
  ['why', 'pulls.verify passed', /nothing is checked here/],
  ['why', 'pull #9999 was merged', /it is not there/],
  ['why', 'a round was under way: it goes on', /it has had one run/, /^(?:done|in review|budget|crash): /],
  ['why', 'it asks: Why?', /no agent of it asked/, /^done: /],
  ['why', 'asked by w-ffffff', /w-ffffff is no run of it/],
  ['why', 'it had 2 runs before; 1/97 attempts used', /there are 3/],
  ['why', 'it never ran; 0/3 attempts used', /it had \d+ runs/, /^its last run is/],
  ['why', 'its last run is w-ffffff; 1/3 attempts used', /w-ffffff is no run of it/, /^its last run is/],
  ['why', 'killed: a person killed it', /nobody ended it/, /^(?:budget|crash|stalled|no_pr): /],
  ['why', 'it feels well', /nobody has written down what this sentence rests on/, /^last heard/],
  ['board', '[🟡 w-ffffff, trees/gh-1]', /no such run is at work/, /^\[🟡/u],
  ['board', '[✅ fffffff, w-000001]', /no such commit is on its branch/, /^\[✅/u],
  ['board', '[❌ w-ffffff]', /w-ffffff is no run of it/],
  ['board', 'PID: 1', /no such process of it lives/, /^PID: /],
  ['board', 'PR: #9999 https://forge.test/pull/9999', /there is no such pull of it/, /^PR: /],
  ['board', 'Completed: 2030-01-01 00:00:00', /that is still to come/, /^Completed: /],
  ['board', 'Branch: main', /that is not its branch/],
  ['board', 'Question: Why?', /no agent of it asked/, /^(?:Completed|Reason): /],
  ['board', 'Reason: billing_error: no credit', /no agent of it ever ended by billing_error/, /^Reason: [a-z]+_/],
  ['board', 'Note: depends on #9999', /#9999 is closed/],
  ['board', 'Note: attempts side by side: gh-9999.deft', /there is no gh-9999/],
  ['board', 'Note: gh-9999.deft was chosen of 2 attempts', /none was/],
  ['board', 'Note: stopped: enough', /nobody ended it/],
  ['board', 'Reason: enough', /nobody ended it/, /^Completed: /],
  ['fleet', 'nothing can be written down now: 0 bytes are free; nothing starts, and what follows may be old', /there is room/],
  ['fleet', 'the daemon has written nothing down for 9 m: what follows is as it was then', /that takes no such time/],
  ['fleet', 'the daemon’s loop has been failing for 9 m: no (logs/tac8.log)', /that takes no such time/],
  ['fleet', 'the database was damaged, 9 m ago: kept as a.db; tac8 began a new one', /no database is damaged here/],
  ['fleet', '9 m ago a tick of the loop took 97 s, 30 s of it looking at work', /everything has answered at once/],
  ['fleet', 'what follows was written 9 m ago and may be old', /a daemon runs/, /^(?!what follows)/],
  ['fleet', 'tasks.md: 97 lines are gone — say what you want', /nobody saves a board that is to be held/],
  ['fleet', 'paused for 9 m: `tac8 resume` goes on', /nobody has paused it/],
  ['fleet', 'parked: billing_error: 402: no credit — goes on in 9 m', /no agent met billing_error/],
  ['fleet', 'GitHub unknown for 9 m: 502', /that takes no such time/, /^parked/],
  ['fleet', 'nothing is heard of the other machines: no answer', /there is no other machine/],
  ['fleet', 'tasks.md:9700: nobody can read this — mend it', /it has not so many lines/],
  ['fleet', 'gh-1 wanted example.com: not on the list (9 m ago)', /nobody keeps them from the network/],
  ['fleet', 'a worker’s memory is not limited: no cgroup', /nobody asked for that/],
  ['fleet', '$97000.00 of $100.00 for today are spent (limits.usd_per_day)', /all agents have cost/],
  [
    'fleet',
    'the daemon was away for 97 d, though nobody had told it to leave; it runs again (for 9 m)',
    /this is the first one|it has not been so long/,
  ],
  ['fleet', '97000 of the last 97000 runs failed, 2 of them by crash (for 9 m)', /\d+ failed in all/],
  ['fleet', '12 MiB are free on the disk, less than the 1024 MiB of limits.min_free_disk (for 9 m)', /there is enough/],
  ['fleet', 'cpu is at 97.0 °C (alerts.temperature: 85) (for 9 m)', /nothing is hot here/],
  ['fleet', 'the only worker, that of gh-9999, says nothing (for 9 m)', /it does not work/],
  ['fleet', 'more than half of the workers seem gone at once without an exit record', /that takes no such time/],
  ['fleet', 'tasks.md cannot be read: logs/tac8.log says why', /that takes no such time/, /^parked/],
  ['run', 'starting', /that takes no such time/, /^running$/],
  ['run', 'ended 9 m ago', /processes of it live/, /^running$/],
  ['run', 'on box-2', /there is no other machine/],
  ['run', 'pid 1', /no such process of it lives/],
  ['run', 'worktrees.setup runs for 9 m, it has said nothing yet', /nobody looks at its output here/],
  ['run', 'attempt 97', /it had \d+ runs/],
  ['run', 'worked for 97 d', /it has not been so long|it was never launched/],
  ['run', 'no activity yet', /it has done something/, /^(?!no activity yet)/],
  ['run', 'nothing heard yet', /it has said something/, /^(?!nothing heard yet)/],
  ['run', 'heard 97 d ago', /it has not been so long|it has said nothing/],
  ['run', 'waits for work in the background, for 9 m: npm test', /nothing of it works in the background/],
  ['run', '97M tokens', /has given it \d+/],
  ['run', '$97.00', /it has cost/],
  ['run', 'cost unknown', /each model has its price/],
  ['run', '9.0 MiB in 97 processes', /\d+ processes live/],
  ['run', 'checks green', /nothing is checked here/],
  ['run', 'limits.silence: no output for 288s of 97m', /the settings say otherwise/],
  ['run', 'usage limit reached', /its log tells of no such thing/, /^(?!usage limit reached)/],
  ['run', 'the push: 502', /nothing keeps it from working/],
  ['cost', 'it has used 2 tokens, $0.000', /its agents gave/, /^it has used/],
  ['cost', 'w-000001 has used 97000000 tokens, $97.000', /its agents gave/, /^w-000001 /],
];

const planted: readonly Planted[] = LIES.map(([where, lie, , of = /^/]) => ({
  where,
  instead: (said, task) => (!of.test(said) ? null : typeof lie === 'string' ? lie : lie(said, task)),
}));

/** Of each lie, what was found, and by which sentence of the judge. */
const found = new Map<number, Found>();
/** What is said in a world of one kind is not said in each. */
const WORLDS: readonly Partial<SimulationOptions>[] = [
  { density: 4 },
  { density: 4, races: true },
  { logins: true },
  ...[{ kind: 'command', verb: 'pause', pick: 0 } as const, { kind: 'leave', drain: true, down: MINUTE } as const].map((told) => ({
    days: 0,
    incidents: [
      { at: MINUTE, kind: 'issues', count: 5, by: 'maria' } as const,
      { at: 2 * MINUTE, kind: 'ring', times: 1 } as const,
      { at: 12 * MINUTE, kind: 'issues', count: 5, by: 'maria' } as const,
      { at: 14 * MINUTE, ...told },
    ],
  })),
];
const MOST_SEEDS = 12;

beforeAll(async () => {
  for (let seed = 1; seed <= MOST_SEEDS && found.size < LIES.length; seed += 1) {
    for (const world of WORLDS) {
      if (found.size === LIES.length) return;
      const left = [...planted.keys()].filter((n) => !found.has(n));
      const lies = left.flatMap((n) => planted[n] ?? []);
      const { found: here } = await simulate({ seed, days: 1, ...world, planted: lies });
      for (const [at, one] of here.entries()) if (one !== null) found.set(left[at] ?? 0, one);
    }
  }
}, 600_000);

describe('a lie is found', () => {
  it.each(
    LIES.map(([where, lie, because], n) => ({ n, where, because, words: typeof lie === 'string' ? lie : `number ${n}` })),
  )('of $where: $words', ({ n, because, words }) => {
    const { message = 'it was not found' } = found.get(n) ?? {};
    expect(message).toMatch(because);
    if (typeof LIES[n]?.[1] === 'string') expect(message).toContain(words.replace(/\d+ [smhd]\b/g, '…'));
  });

  it('for each sentence that the judge knows', () => {
    const nobody = {} as Stage;
    const known = [waitingSentences, whySentences, boardSentences, costSentences, fleetSentences, runSentences].flatMap((of) => of(nobody));
    const by = new Set([...found.values()].map(({ pattern }) => pattern));
    expect(known.map(({ pattern }) => pattern.source).filter((pattern) => !by.has(pattern))).toEqual([]);
  });

  it('and breaks the promise, where it is said in earnest', async () => {
    const lie = (said: string, where: Where): string => (where === 'why' && /^last heard/.test(said) ? 'it has said nothing yet' : said);
    let told: unknown = null;
    for (let seed = 1; seed <= MOST_SEEDS && told === null; seed += 1) {
      const { violation } = await simulate({ seed, days: 1, density: 4, lie });
      if (violation?.invariant === 'every statement is true') told = violation.message;
    }
    expect(told).toMatch(/it has said nothing yet" is said, but it has/);
  }, 240_000);
});
