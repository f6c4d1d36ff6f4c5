import { FATES, type FateName } from '../ground/fates.ts';
import { SETTINGS } from '../world/world.ts';
import type { Evidence } from './evidence.ts';
import {
  branchPushed,
  type Check,
  check,
  type Facts,
  factsOf,
  goneWithin,
  noPull,
  onBoard,
  oneComment,
  onePull,
  onlyTheirFiles,
  ran,
  treeGone,
  workKept,
} from './judge-facts.ts';
import { fleetChecks } from './judge-fleet.ts';

export interface Verdict {
  /** A fate, or `fleet`: what holds for all of them together. */
  readonly name: FateName | 'fleet';
  readonly shows: string;
  /** Null for the fleet. */
  readonly task: string | null;
  readonly ok: boolean;
  readonly checks: readonly Check[];
}

/** From the act to the first look, every rung of the ladder, and what a busy machine may add. */
const STOP_LIMIT =
  1000 + SETTINGS.pollMs + SETTINGS.stopMs.tool + 2 * SETTINGS.stopMs.interrupt + SETTINGS.stopMs.terminate + SETTINGS.stopMs.kill + 2000;

/** Judges every fate by the evidence. Pure. */
export function judge(evidence: Evidence): readonly Verdict[] {
  const fates = FATES.filter((fate) => evidence.tasks.has(fate.name)).map(({ name, shows }): Verdict => {
    const facts = factsOf(evidence, name);
    const checks = CHECKS[name](facts);
    return { name, shows, task: facts.task, ok: checks.every((one) => one.ok), checks };
  });
  const fleet = fleetChecks(evidence);
  return [...fates, { name: 'fleet', shows: 'all together', task: null, ok: fleet.every((one) => one.ok), checks: fleet }];
}

const delivered = (facts: Facts, files: readonly string[]): Check[] => [
  branchPushed(facts),
  onlyTheirFiles(facts, files),
  onePull(facts),
  oneComment(facts, /^Done: pull request #\d+/),
  onBoard(facts, '✅'),
  treeGone(facts),
];

const CHECKS: Readonly<Record<FateName, (facts: Facts) => readonly Check[]>> = {
  success: (facts) => [ran(facts, 1), ...delivered(facts, ['src/logs/requests.mjs', 'logs/readme.txt'])],
  retry: (facts) => [
    ran(facts, 2),
    crashedFirst(facts),
    workKept(facts, 'src/price.mjs', (text) => text.includes('whole cents') && !text.includes('Math.round')),
    ...delivered(facts, ['src/price.mjs', 'test/run.mjs']),
  ],
  background: (facts) => [ran(facts, 1), leftSomething(facts), ...delivered(facts, ['examples/catalogue.json'])],
  question: (facts) => [
    ran(facts, 1),
    noPull(facts),
    oneComment(facts, /question[\s\S]*(SQLite|PostgreSQL)/i),
    onBoard(facts, '⏰', /- Question: .*(SQLite|PostgreSQL)/),
    treeGone(facts),
  ],
  stopped: (facts) => [
    ran(facts, 1),
    goneWithin(facts, 'stopped', STOP_LIMIT),
    workKept(facts, 'NOTES.md', (text, run) => !facts.evidence.scripted || text.includes(run)),
    noPull(facts),
    oneComment(facts, /^Not done: \*\*stopped\*\*/),
    onBoard(facts, '❌', /- Reason: .*STOP file/),
  ],
  unlabelled: (facts) => [
    ran(facts, 1),
    goneWithin(facts, 'unlabelled', STOP_LIMIT),
    workKept(facts, 'IDEAS.md', (text, run) => !facts.evidence.scripted || text.includes(run)),
    noPull(facts),
    oneComment(facts, /^Not done: \*\*cancelled\*\*/),
    onBoard(facts, '❌', /- Reason: .*label removed/),
  ],
  outsider: (facts) => [
    ran(facts, 0),
    check(facts.lives.length === 0, facts.lives.length === 0 ? 'no process' : 'an agent was seen'),
    check(facts.pushed.length === 0, facts.pushed.length === 0 ? 'no branch' : `${facts.branch} was pushed`),
    noPull(facts),
    check(facts.comments.length === 0, facts.comments.length === 0 ? 'no comment' : `${facts.comments.length} comments`),
  ],
  local: (facts) => [ran(facts, 1), branchPushed(facts), noPull(facts), onBoard(facts, '✅'), treeGone(facts)],
};

/** The first journal breaks off at the crash; the second begins after it and comes to its end. */
function crashedFirst({ journals }: Facts): Check {
  const [first = [], second = []] = journals;
  const ok = first.at(-1)?.kind === 'crash' && second.at(-1)?.kind === 'end' && (second[0]?.at ?? 0) > (first.at(-1)?.at ?? 0);
  return check(
    ok,
    ok ? 'the first one died, the second came to its end' : `journals end with ${first.at(-1)?.kind} and ${second.at(-1)?.kind}`,
  );
}

/** Else there would be nothing to clear away. */
function leftSomething({ journals }: Facts): Check {
  const left = journals.some((entries) => entries.some((entry) => entry.kind === 'left-behind'));
  return check(left, left ? 'it left a process behind' : 'it left no process behind');
}
