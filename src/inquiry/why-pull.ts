import type { Pull } from '../core/model/forge.ts';
import type { Gate } from '../core/model/gate.ts';
import { known, type Ms, type Seen, unknown } from '../core/model/seen.ts';
import type { Task } from '../core/model/task.ts';
import { wordOf } from '../core/review/checks.ts';
import { type PullSight, type PullSights, pullsToAsk, takeChecks, takeOpenPulls, takePull } from '../core/review/pull-sights.ts';
import { messageOf } from '../core/words/message-of.ts';
import type { Forge } from '../engine/ports/outside/forge.ts';
import { pullWords } from '../read/pull-words.ts';

/** A person waits for the answer: what the forge has not said by then is not known. */
const PATIENCE: Ms = 10_000;
/** What the daemon saw no longer ago than this is not asked for again. */
const FRESH: Ms = 60_000;

/** What is seen of the task's pull now, asked for where what the daemon has seen is old. Null: it has none. Never throws. */
export async function pullGate(
  task: Task,
  kept: PullSights,
  open: Seen<readonly Pull[]>,
  forge: Pick<Forge, 'pullsOf' | 'checks'> | null,
): Promise<Gate | null> {
  if (task.pull === null) return null;
  const signal = AbortSignal.timeout(PATIENCE);
  const seen = forge === null ? kept : await lookAgain(task, kept, open, forge, signal);
  return gateOf(task, seen, Date.now());
}

async function lookAgain(
  task: Task,
  kept: PullSights,
  open: Seen<readonly Pull[]>,
  forge: Pick<Forge, 'pullsOf' | 'checks'>,
  signal: AbortSignal,
): Promise<PullSights> {
  const number = task.pull?.number ?? 0;
  let sights = open.known ? takeOpenPulls(kept, open.value, [task], open.at) : kept;
  if (open.known && pullsToAsk(sights, open.value, [task]).length > 0) {
    const answer = await ask(forge.pullsOf(task.branch, signal));
    const pull = answer.known ? answer.value.find((one) => one.number === number) : undefined;
    if (answer.known && pull !== undefined) sights = takePull(sights, pull, task.id, answer.at);
  }
  const sight = sights.get(number);
  if (sight?.state !== 'open' || Date.now() - (sight.checks?.at ?? 0) < FRESH) return sights;
  const answer = await ask(forge.checks(sight.commit, signal));
  if (!answer.known) return takeChecks(sights, number, sight.commit, answer, Date.now());
  return answer.value === null ? sights : takeChecks(sights, number, sight.commit, known(answer.value, answer.at), Date.now());
}

async function ask<T>(question: Promise<T>): Promise<Seen<T>> {
  const asked = Date.now();
  try {
    return known(await question, asked);
  } catch (error) {
    return unknown(messageOf(error), asked);
  }
}

function gateOf({ pull, branch }: Task, sights: PullSights, now: Ms): Gate | null {
  if (pull === null) return null;
  const change = changeOf(sights.get(pull.number), branch);
  const text = `${pullWords(pull, sights, now)} · ${pull.url}`;
  return { name: 'pull', open: change === null, text, until: null, since: null, change };
}

/** What would put it right; null: nothing has to. */
function changeOf(sight: PullSight | undefined, branch: string): string | null {
  if (sight === undefined) return 'the next poll';
  if (sight.state === 'closed') return 'somebody opens it again';
  if (sight.state === 'merged') return null;
  const { summary = null, unknown: lost = null } = sight.checks ?? {};
  if (summary === null || lost !== null) return 'the next time they are asked for';
  return wordOf(summary) === 'failing' ? `a further commit on ${branch}, or a build that is run again` : null;
}
