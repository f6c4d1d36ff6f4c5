import { takeStream } from '../limits/spending.ts';
import type { RunIn } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import type { RunId } from '../model/task.ts';
import { act } from '../tick/act.ts';
import type { Draft } from '../tick/draft.ts';
import type { StepKind } from '../tick/plan.ts';
import type { Policy } from '../tick/policy.ts';
import { stepWords } from '../tick/step-words.ts';
import type { World } from '../tick/world.ts';
import type { Case } from './case.ts';
import { isDecision, STEPS, type Step } from './steps.ts';

/** A step that git refuses this often is given up: the snapshot holds the work, and nothing is removed unsaved. */
const TRIES = 5;

/** How often it is tried: what is refused for good, and what nobody can tell of. Git that cannot read the work may be put right in some minutes. */
const REFUSALS = { delivery_error: { lasting: 3, unknown: 10 }, worktree_error: { lasting: 8, unknown: 10 } };
type Refused = keyof typeof REFUSALS;

/** What each ended run needs next, by the table of steps. */
export function settleRuns(draft: Draft, world: World, policy: Policy, now: Ms): void {
  for (const { id, state } of [...draft.runs.values()]) if (state === 'ended') settle(draft, world, policy, id, now);
}

function settle(draft: Draft, world: World, policy: Policy, id: RunId, now: Ms): void {
  takeLastWords(draft, world, id);
  giveUpChecks(draft, world, policy, id);
  for (const step of STEPS) {
    const run = draft.runs.get(id);
    if (run?.state !== 'ended') return;
    const at = { draft, world, policy, run, now };
    if (!step[1].isDue(at)) continue;
    if (!isDecision(step)) return attempt(at, step);
    if (!step[1].decide(at)) return;
  }
  draft.run(id, { kind: 'settled' }, 'nothing left to do');
}

/** What the log says counts until the end is judged. */
function takeLastWords(draft: Draft, world: World, id: RunId): void {
  const run = draft.runs.get(id);
  const stream = world.streams.get(id);
  if (run?.state !== 'ended' || run.settlement.outcome !== undefined || stream === undefined) return;
  if (stream.offset !== run.stream.offset) takeStream(draft, world, run, stream);
}

/** A person who stops a task does not wait until its checks end. */
function giveUpChecks(draft: Draft, world: World, policy: Policy, id: RunId): void {
  if (!policy.pulls.verify || !draft.isBusy(id)) return;
  const before = world.runs.find((run) => run.id === id);
  const isChecked = before?.state === 'ended' && before.settlement.outcome?.kind === 'done' && before.settlement.verified === undefined;
  const now = draft.runs.get(id);
  if (isChecked && now?.state === 'ended' && now.settlement.outcome === undefined) draft.act({ kind: 'abort', run: id, task: now.task });
}

function attempt({ draft, run, now }: Case, [kind, { without, refused }]: Step<StepKind>): void {
  if (refused !== undefined && isRefused(run, kind, refused)) return giveUp(draft, run, kind, refused, now);
  if (without === undefined || run.problem?.step !== kind || run.problem.tries < TRIES) return act(draft, run, kind, now);
  draft.run(run.id, { kind: 'step', done: without }, `given up, the worktree stays: ${run.problem.message}`);
  draft.again();
}

function isRefused({ problem }: RunIn<'ended'>, kind: StepKind, as: Refused): boolean {
  if (problem?.step !== kind || problem.lasting === false) return false;
  return problem.tries >= REFUSALS[as][problem.lasting ? 'lasting' : 'unknown'];
}

/** The branch and the worktree stay: the work can be delivered once a person has mended what refuses it. */
function giveUp(draft: Draft, run: RunIn<'ended'>, kind: StepKind, type: Refused, now: Ms): void {
  const { message, tries } = run.problem ?? { message: '', tries: 0 };
  const failure = {
    type,
    message: `${stepWords(kind)} was refused ${tries} times: ${inOneLine(message)}`,
    at: now,
  } as const;
  draft.run(run.id, { kind: 'step', done: { outcome: { kind: 'failed', failure, resumable: true } } }, failure.message);
  draft.wake(now + 1);
}

const inOneLine = (text: string): string => text.split(/(?<!\s)\s*\n\s*/).join(' · ');
