import { openMemoryStore } from '../../../../src/adapters/store/memory.ts';
import { runWords } from '../../../../src/cli/fleet/run-words.ts';
import { USAGE_FACT } from '../../../../src/core/limits/usage.ts';
import type { Ms } from '../../../../src/core/model/seen.ts';
import { type RunId, type Task, unknownTask } from '../../../../src/core/model/task.ts';
import { readStatus } from '../../../../src/read/status.ts';
import { warningsOf } from '../../../../src/read/warnings.ts';
import { DAY, HOUR, MINUTE } from '../../incidents/incidents.ts';
import type { Stage } from '../../stage.ts';
import { machineNow } from '../../truth/machine.ts';
import { MODEL, REPLY } from '../cost.ts';
import { ASKED_AGAIN, LOOKED_AT, passing, type Sentence, sentence } from './sentences.ts';
import { waitingSentences } from './waiting-words.ts';

export interface SaidOf {
  readonly task: Task;
  readonly words: string;
}

/** What is said of the fleet is said of no task. */
const FLEET = unknownTask('local-0', '');

/** Whatever `status` and the page say above all tasks. `upSince`: since when the daemon runs; null: none does. */
export function saidOfFleet({ contents, timeline }: Stage, upSince: Ms | null): readonly SaidOf[] {
  const holder = upSince === null ? null : { pid: 1, since: upSince, host: 'here' };
  return warningsOf(readStatus(openMemoryStore(contents), timeline.wall(), holder)).map(({ text }) => ({ task: FLEET, words: text }));
}

/** The line of each task at work. */
export function saidOfRuns({ contents, timeline }: Stage): readonly SaidOf[] {
  const report = { at: timeline.wall(), usage: openMemoryStore(contents).fact(USAGE_FACT), jobs: new Map() };
  return [...contents.tasks.values()].flatMap((task) => {
    const run = task.state === 'active' ? (contents.runs.get(task.run) ?? null) : null;
    return run === null ? [] : runWords(run, report).map((words) => ({ task, words }));
  });
}

/** Each sentence on the fleet, and what it rests on. */
export function fleetSentences(stage: Stage): readonly Sentence[] {
  const { policy, conversations } = stage;
  return [
    sentence(/^nothing can be written down now: /, 0, () => 'there is room, and nothing is read-only'),
    passing(/^the daemon has written nothing down for /, LOOKED_AT),
    passing(/^the daemon’s loop has been failing for /, LOOKED_AT),
    sentence(/ ago: kept as .*; tac8 began a new one$/, 0, () => 'no database is damaged here'),
    sentence(/ ago a tick of the loop took /, LOOKED_AT, () => (stage.hasWaited() ? null : 'everything has answered at once')),
    sentence(/^what follows was written .* ago and may be old$/, 0, () => (stage.isUp() ? 'a daemon runs' : null)),
    sentence(/^tasks\.md: .* — /, LOOKED_AT, () => 'nobody saves a board that is to be held'),
    sentence(/^paused for /, LOOKED_AT, () => (stage.paused.has('fleet') ? null : 'nobody has paused it, or somebody let it go on')),
    sentence(/^parked(?: the login \w+)?: (\w+): /, LOOKED_AT, ([, type]) => {
      const met = [...conversations.of.values()].some(({ isDisturbed, expects }) => isDisturbed || expects.includes(type ?? ''));
      return met ? null : `no agent met ${type}`;
    }),
    passing(/^GitHub (?:takes no requests for|unknown for|was last asked) /, ASKED_AGAIN),
    sentence(/^nothing is heard of the other machines: |^the machine \S+ has been silent for /, 0, () => 'there is no other machine'),
    sentence(/^tasks\.md:(\d+): .* — /, LOOKED_AT, ([, line]) =>
      (stage.board.text ?? '').split('\n').length >= Number(line) ? null : 'it has not so many lines',
    ),
    sentence(/ wanted \S+: .* \(.* ago\)$/, 0, () => 'nobody keeps them from the network here'),
    sentence(/^a worker’s memory is not limited: /, 0, () => 'nobody asked for that'),
    sentence(/^(?:more than |≈ )?\$([\d.]+) of \$[\d.]+ for today are spent/, LOOKED_AT, ([, usd]) => {
      const most = REPLY.usd * [...conversations.of.values()].reduce((sum, { replies }) => sum + replies, 0);
      return Number(usd) <= most + 0.01 && Number(usd) >= 0.8 * policy.limits.usdPerDay - 0.01 ? null : `all agents have cost $${most}`;
    }),
    sentence(/^the daemon was away for (.*?),/, LOOKED_AT, ([, span]) =>
      stage.starts() > 1 ? tooLong(stage, span) : 'this is the first one',
    ),
    sentence(/^(\d+) of the last \d+ runs failed/, LOOKED_AT, ([, count]) => {
      const failed = [...stage.contents.runs.values()].filter(({ settlement }) => settlement.outcome?.kind === 'failed').length;
      return failed >= Number(count) ? null : `${failed} failed in all`;
    }),
    sentence(/ are free .*, less than the .* of (limits\.\w+)/, LOOKED_AT, ([, setting]) => {
      const { freeMemoryBytes, freeDiskBytes } = machineNow(stage);
      const { minFreeMemory, minFreeDisk } = policy.limits;
      return (setting === 'limits.min_free_disk' ? freeDiskBytes < minFreeDisk : freeMemoryBytes < minFreeMemory)
        ? null
        : 'there is enough';
    }),
    sentence(/ is at [\d.]+ °C \(alerts\.temperature: /, 0, () => 'nothing is hot here'),
    sentence(/^the only worker, that of (\S+), says nothing|^(?:none of the|all) \d+ workers /, LOOKED_AT, ([, id]) =>
      id === undefined || stage.contents.tasks.get(id as Task['id'])?.state === 'active' ? null : 'it does not work',
    ),
    passing(/^more than half of the workers seem gone at once/, LOOKED_AT),
    passing(/^tasks\.md cannot be read/, ASKED_AGAIN),
    // What holds all that wait is said once more above them.
    ...waitingSentences(stage),
  ];
}

/** Longer than there has been anything; a clock may have been set by a day. */
const tooLong = ({ timeline }: Stage, span = ''): string | null =>
  ageIn(span) > timeline.mono() + 2 * DAY ? 'it has not been so long' : null;

/** `2 h 10 m` */
const ageIn = (span: string): Ms =>
  [...span.matchAll(/(\d+) ([smhd])/g)].reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ''] ?? 0), 0);
const UNITS: Readonly<Record<string, Ms>> = { s: 1_000, m: MINUTE, h: HOUR, d: DAY };

/** What in its log each word on what it does comes from. */
const DOES: Readonly<Record<string, string>> = {
  'says: ': 'text',
  'turn ended': 'turn_end',
  'error: ': 'provider_error',
  'usage limit reached': 'rate_limit',
  working: 'raw',
};

/** Each part of the line of a task at work. */
export function runSentences(stage: Stage): readonly Sentence[] {
  const { contents, kernel, conversations, policy } = stage;
  const runOf = (task: Task): RunId => ('run' in task && task.run !== null ? task.run : ('w-000000' as RunId));
  const lives = (task: Task): boolean => kernel.membersOf(runOf(task)).length > 0;
  const ofLiving = (_: unknown, task: Task): string | null => (lives(task) ? null : 'nothing of it lives');
  const log = (task: Task) => conversations.of.get(runOf(task))?.log ?? [];
  const wasLaunched = (task: Task): boolean => (kernel.folders.get(runOf(task))?.launchedIn ?? null) !== null;
  const replies = (task: Task): number => conversations.of.get(runOf(task))?.replies ?? 0;
  return [
    sentence(/^(?:(running|stopping)|preparing|starting|waits for a machine)$/, LOOKED_AT, ([, lives], task) =>
      lives === undefined ? 'that takes no such time' : ofLiving(lives, task),
    ),
    sentence(/^ended .* ago$/, LOOKED_AT, (_, task) => (lives(task) ? 'processes of it live' : null)),
    sentence(/^on \S+$/, 0, () => 'there is no other machine'),
    sentence(/^pid (\d+)$/, LOOKED_AT, ([, pid], task) =>
      kernel.membersOf(runOf(task)).some((one) => one.pid === Number(pid)) ? null : 'no such process of it lives',
    ),
    sentence(/^(?:worktrees\.setup|pulls\.verify) runs for /, 0, () => 'nobody looks at its output here'),
    sentence(/^attempt (\d+)$/, 0, ([, attempt], task) => (Number(attempt) <= task.runs ? null : `it had ${task.runs} runs`)),
    sentence(/^(?:worked )?for (\d+ .*)$/, LOOKED_AT, ([, span], task) =>
      wasLaunched(task) ? tooLong(stage, span) : 'it was never launched',
    ),
    sentence(/^no activity yet$/, LOOKED_AT, (_, task) =>
      log(task).some(({ event }) => event?.kind === 'tool_start' || event?.kind === 'text') ? 'it has done something' : null,
    ),
    sentence(/^nothing heard yet$/, LOOKED_AT, (_, task) => (log(task).length > 0 ? 'it has said something' : null)),
    sentence(/^heard (.*) ago$/, LOOKED_AT, ([, span], task) => (log(task).length > 0 ? tooLong(stage, span) : 'it has said nothing')),
    sentence(/^waits for work in the background, for /, 0, () => 'nothing of it works in the background'),
    sentence(/^(?:more than |≈ )?([\d.]+)(k|M)? tokens$/, LOOKED_AT, ([, number, unit], task) => {
      const said = Number(number) * (unit === 'k' ? 1e3 : unit === 'M' ? 1e6 : 1);
      const there = replies(task) * (REPLY.input + REPLY.output);
      return Math.abs(said - there) <= Math.max(100, there / 10) ? null : `${MODEL} has given it ${there}`;
    }),
    sentence(/^(?:more than |≈ )?\$([\d.]+)$/, LOOKED_AT, ([, usd], task) => {
      const there = replies(task) * REPLY.usd;
      return Math.abs(Number(usd) - there) <= 0.011 ? null : `it has cost $${there.toFixed(3)}`;
    }),
    sentence(/^cost unknown$/, LOOKED_AT, () => 'each model has its price here'),
    sentence(/^[\d.]+ \w+ in (\d+) process(?:es)?$/, LOOKED_AT, ([, count], task) => {
      const living = kernel.membersOf(runOf(task)).length;
      return Number(count) <= living ? null : `${living} processes live`;
    }),
    sentence(/^checks (?:green|red)$/, 0, () => (policy.pulls.verify ? null : 'nothing is checked here')),
    sentence(/^limits\.(\w+): (?:.* of (\d+)m$)?/, LOOKED_AT, ([said, limit, minutes], task) => {
      const set = { run_time: policy.limits.runTime, silence: policy.limits.silence }[limit ?? ''];
      return set === undefined || minutes === undefined || set === Number(minutes) * MINUTE
        ? ofLiving(said, task)
        : 'the settings say otherwise';
    }),
    sentence(/^(says: |[A-Z]\w+: |turn ended|error: |usage limit reached$|working$)/, LOOKED_AT, ([, doing = ''], task) => {
      const kind = DOES[doing] ?? 'tool_start';
      return log(task).some(({ event }) => event?.kind === kind) ? null : 'its log tells of no such thing';
    }),
    sentence(/^[a-z][a-z’.]*(?: [a-zA-Z’.]+)*: /, ASKED_AGAIN, (_, { id }) => {
      const isForeign = [...contents.runs.values()].some(({ task, problem }) => task === id && problem?.step === 'somebody else');
      return isForeign ? null : 'nothing keeps it from working';
    }),
  ];
}
