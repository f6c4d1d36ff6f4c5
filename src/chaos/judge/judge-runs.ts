import type { JournalEntry } from '../../demo/agent/journal.ts';
import { readSaid } from '../agent/words.ts';
import { findLoss } from '../mischief/log.ts';
import { SLOTS } from '../world/world.ts';
import { type Count, countUp } from './count.ts';
import type { Evidence } from './evidence.ts';

type Finding = readonly [string, string | null];

/** What was promised of processes: one per task, gone when told gone, log whole, its exit code told as it was. */
export function judgeRuns(evidence: Evidence): readonly Count[] {
  const runs = [...evidence.journals].map(([run, entries]) => ({ run, entries }));
  return [
    countUp(1, 'one live worker per task, one launch per run', [...runs.map((one) => doubled(evidence, one)), slots(evidence)]),
    countUp(
      3,
      'the exit code told is the one the shell saw',
      runs.map((one) => exitTold(evidence, one)),
    ),
    countUp(4, 'nothing lives of a run that is told ended', orphans(evidence)),
    countUp(
      7,
      'every byte an agent wrote is in its log',
      runs.map((one) => logWhole(evidence, one)),
    ),
    countUp(7, 'the daemon killed, the next one carries on', restarts(evidence)),
    countUp(8, 'every run has its end', [...runs.map((one) => endTold(evidence, one)), drain(evidence)]),
  ];
}

interface One {
  readonly run: string;
  readonly entries: readonly JournalEntry[];
}

const taskOf = ({ entries }: One): string => entries[0]?.task ?? '';

/** A second launch of the same run begins its journal again; a second run of the same task overlaps in time. */
function doubled({ journals, testimony }: Evidence, one: One): Finding {
  const { run, entries } = one;
  if (entries.some((entry, i) => entry.seq !== i + 1)) return [run, 'its journal was begun twice: it was launched twice'];
  const [first, last] = [entries[0]?.at ?? 0, entries.at(-1)?.at ?? 0];
  const other = [...journals].find(
    ([id, theirs]) => id !== run && theirs[0]?.task === taskOf(one) && theirs[0].at < last && first < (theirs.at(-1)?.at ?? 0),
  );
  if (other !== undefined) return [run, `ran at the same time as ${other[0]} for ${taskOf(one)}`];
  const seen = testimony.doubled.find((text) => text.includes(run));
  return [run, seen === undefined ? null : `seen alive together: ${seen}`];
}

const slots = ({ testimony }: Evidence): Finding => [
  'slots',
  testimony.peak > SLOTS ? `${testimony.peak} agents were alive at once, with ${SLOTS} slots` : null,
];

/** 128 + n for SIGHUP, SIGINT, SIGKILL, SIGTERM: what an agent that did not end by itself can have ended with. */
const BY_SIGNAL = [129, 130, 137, 143];

function exitTold({ logs, deeds }: Evidence, { run, entries }: One): Finding {
  const ends = logs.get(run)?.ends ?? [];
  const told = ends.at(-1);
  if (told === undefined) return [run, 'no line run_ended in its log'];
  if (ends.some((end) => end !== told)) return [run, `told twice, and differently: ${ends.join(', ')}`];
  // Its machine died with it: nobody may know.
  if (told === null && deeds.some((deed) => deed.kind === 'machine-killed' && deed.runs.includes(run))) return [run, null];
  const last = entries.at(-1);
  const sent = deeds.flatMap((deed) =>
    deed.kind === 'agent-signalled' && deed.run === run
      ? [deed.signal === 'SIGKILL' ? 137 : 143]
      : deed.kind === 'machine-killed' && deed.runs.includes(run)
        ? [137]
        : [],
  );
  const own = last?.kind === 'end' || last?.kind === 'crash' ? Number(last.text.replace('exit ', '')) : null;
  const deaf = entries.some((entry) => entry.kind === 'signal');
  const possible = own !== null ? [own, ...sent] : deaf ? [137] : BY_SIGNAL;
  const fits = told !== null && possible.includes(told);
  return [run, fits ? null : `told ${told}, and it was ${possible.join(' or ')}`];
}

function orphans({ testimony, journals }: Evidence): readonly Finding[] {
  const runs = [...journals.keys()].map((run): Finding => [run, testimony.outlived.find((text) => text.startsWith(`${run}:`)) ?? null]);
  return [
    ...runs,
    ...(testimony.left.length === 0 ? [['the end', null] as const] : testimony.left.map((text) => ['left running', text] as const)),
  ];
}

function logWhole({ logs }: Evidence, { run, entries }: One): Finding {
  const log = logs.get(run);
  if (log === undefined) return [run, 'it has no log'];
  if (log.torn > 0) return [run, `${log.torn} lines of tac8 in its log are not whole`];
  const { sure, most } = readSaid(entries.flatMap((entry) => (entry.kind === 'step' ? [entry.text] : [])));
  return [run, findLoss(log, sure, most)];
}

const endTold = ({ logs }: Evidence, { run }: One): Finding => [run, (logs.get(run)?.ends.length ?? 0) > 0 ? null : 'it has no end'];

function drain({ deeds }: Evidence): Finding {
  const drained = deeds.find((deed) => deed.kind === 'drained');
  if (drained?.kind !== 'drained') return ['the last daemon', 'it was never asked to leave'];
  return ['the last daemon', drained.inTime && drained.how === 'exit code 0' ? null : `asked to drain, it ended with ${drained.how}`];
}

/** A daemon that ends by itself is no daemon; each kill has a start after it. */
function restarts({ deeds }: Evidence): readonly Finding[] {
  return deeds.flatMap((deed, i): Finding[] => {
    if (deed.kind === 'daemon-ended') return [['a daemon', `ended by itself with ${deed.how}: see daemon.log`]];
    if (deed.kind !== 'daemon-killed') return [];
    const next = deeds.slice(i + 1).find((one) => one.kind === 'daemon-started' || one.kind === 'daemon-killed');
    return [[deed.point, next?.kind === 'daemon-started' ? null : 'no daemon came after it']];
  });
}
