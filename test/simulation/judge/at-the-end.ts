import { isDone, isRacer, issueNumber, readBranch, rootOf, type Task } from '../../../src/core/model/task.ts';
import { commentMarker } from '../../../src/core/review/pull-text.ts';
import { REMOVED } from '../../../src/core/steer/verbs.ts';
import { DAY } from '../incidents/incidents.ts';
import { taskLines } from '../people/board-lines.ts';
import type { Stage } from '../stage.ts';
import { TAC8 } from '../truth/forge.ts';

/** What still keeps the simulated world from rest, in words; empty once every task has come to its end and nothing is left over. */
export function unrest(stage: Stage): readonly string[] {
  const { contents, kernel } = stage;
  const found: string[] = [];
  for (const run of kernel.liveRuns()) found.push(`processes of ${run} live`);
  for (const run of contents.runs.values()) {
    if (run.state === 'settled') continue;
    found.push(`${run.id} (${run.task}) is ${run.state}${run.problem === null ? '' : `: ${run.problem.step}: ${run.problem.message}`}`);
  }
  for (const request of contents.requests.values()) {
    if (request.answer === null) found.push(`\`${request.verb} ${request.task ?? ''}\` is not answered`);
  }
  for (const task of contents.tasks.values()) if (mayRun(stage, task)) found.push(`${task.id} is ${task.state}`);
  if (!stage.hasForge) return found;
  for (const { number } of stage.forge.listed()) {
    const isAllowed = stage.forge.trigger(number).allowed && !hasTheirPull(stage, number);
    if (isAllowed && !contents.tasks.has(`gh-${number}`)) found.push(`#${number} bears the label, and nothing is known of it`);
  }
  return found;
}

/** A task that nobody and nothing keeps from running: it must come to an end. */
function mayRun(stage: Stage, task: Task): boolean {
  if (task.state !== 'pending' && task.state !== 'active') return false;
  const number = issueNumber(task.id);
  // One of several attempts asks a person, and no other got there.
  if (task.race?.racers.some((id) => stage.contents.tasks.get(id)?.state === 'blocked') === true) return false;
  if (task.state === 'active' || number === null) return true;
  if (stage.forge.issues.get(number)?.blockers.some(({ isOpen }) => isOpen)) return false;
  return !hasForeignPull(stage, task) && (task.armedBy === 'person' || stage.forge.trigger(number).allowed);
}

/** An open pull for the issue that the task does not know for its own: somebody else's, or one from before the database was lost. */
const hasForeignPull = (stage: Stage, { id, pull, branch }: Task): boolean =>
  hasTheirPull(stage, issueNumber(id) ?? 0) ||
  stage.forge.pulls.some(({ state, head, number }) => state === 'open' && head.branch === branch && number !== pull?.number);

const hasTheirPull = (stage: Stage, number: number): boolean =>
  stage.forge.pulls.some(({ state, body, author }) => state === 'open' && author === 'bob' && body === `Closes #${number}`);

/** At rest, what tac8 says is held against what there is. */
export function checkResults(stage: Stage): void {
  const { judge, contents } = stage;
  const [lost] = stage.letters.lost();
  if (lost !== undefined) judge.broken('each effect happens once', `${lost} was taken for told, and no agent ever began with it`);
  for (const task of contents.tasks.values()) {
    if (isDone(task)) checkCompleted(stage, task);
    if (isDone(task) || task.state === 'failed' || task.state === 'blocked') checkComment(stage, task);
  }
  checkBoard(stage);
  checkOnePull(stage);
  checkTwins(stage);
  const opened = stage.forge.pulls.filter(({ author }) => author === TAC8).length;
  const counted = contents.counters.get('prs_created') ?? 0;
  if (counted > opened) judge.broken('the status never lies', `${counted} pulls are counted, but ${opened} were opened`);
}

/** What a person wrote or asked for once is one task: each of their titles is a word of its own. */
function checkTwins({ judge, contents }: Stage): void {
  const seen = new Map<string, string>();
  for (const { id, title } of contents.tasks.values()) {
    const twin = seen.get(title);
    if (twin !== undefined && id.startsWith('local-'))
      judge.broken("a person's edit is never lost", `"${title}" became two tasks: ${twin} and ${id}`);
    seen.set(title, id);
  }
}

/** Of several attempts at an issue one is handed over. */
function checkOnePull({ judge, forge }: Stage): void {
  const open = forge.pulls.filter(({ state, author }) => state === 'open' && author === TAC8);
  for (const [root, pulls] of Map.groupBy(open, ({ head }) => rootOf(readBranch(head.branch)?.task ?? 'local-0')))
    if (pulls.length > 1) judge.broken('one pull per issue', `${root} has ${pulls.map(({ number }) => `#${number}`).join(' and ')}`);
}

/** Done, and another attempt was chosen, or none yet. */
const isUnchosen = ({ contents }: Stage, { id }: Task): boolean => isRacer(id) && contents.tasks.get(rootOf(id))?.race?.winner !== id;

function checkCompleted(stage: Stage, { id, race }: Task): void {
  const { judge, repository, forge, policy, hasForge, contents } = stage;
  const task = contents.tasks.get(race?.winner ?? id);
  if (task === undefined || isUnchosen(stage, task)) return;
  if (repository.pushed.get(task.id) === undefined)
    judge.broken('the status never lies', `${task.id} is completed, but its branch was never pushed`);
  const hasPull = forge.pulls.some(({ head }) => head.branch === `${policy.branchPrefix}${task.id}`);
  if (hasForge && issueNumber(task.id) !== null && !hasPull)
    judge.broken('the status never lies', `${task.id} is completed, but there is no pull for it`);
}

/** An end that a person should know of stands on the issue. */
function checkComment(stage: Stage, task: Extract<Task, { run: unknown }>): void {
  const { judge, forge, contents, hasForge } = stage;
  // That one of several did not get there is told when none did.
  if (task.state !== 'blocked' && isUnchosen(stage, task)) return;
  const run = !hasForge || task.run === null || issueNumber(task.id) === null ? undefined : contents.runs.get(task.run);
  if (run === undefined || run.settlement.outcome === undefined) return;
  // Whoever merged or closed its pull knows that it is over; what did not come to its end has nothing to tell.
  if (task.state === 'completed' && task.over !== undefined && run.settlement.outcome.kind !== 'done') return;
  const mark = commentMarker(run);
  if (!forge.comments.some(({ body }) => body.includes(mark)))
    judge.broken('each effect happens once', `the issue of ${task.id} is never told that ${run.id} ended: ${task.state}`);
}

const SECTIONS: Readonly<Record<Task['state'], string>> = {
  pending: 'Pending',
  active: 'Active',
  completed: 'Completed',
  review: 'Completed',
  failed: 'Failed',
  blocked: 'Blocked',
};

/** Every task stands on the board once, where it belongs. */
function checkBoard({ judge, contents, board, timeline }: Stage): void {
  const lines = taskLines(board.text ?? '');
  const today = timeline.wall() - (timeline.wall() % DAY);
  for (const task of contents.tasks.values()) {
    const all = lines.filter(({ id }) => id === task.id);
    // A person wrote it twice: their copy stays as it is, and the board says so.
    const isTold = all.length > 1 && board.text?.includes(`${task.id} stands twice`) === true;
    const found = all.filter(({ mark, section }) => !(isTold && mark === '[]' && section === 'Pending')).map(({ section }) => section);
    const isOld = isDone(task) && task.at < today;
    const isOut = task.state === 'failed' && task.failure.message === REMOVED;
    const right = isOld || isOut ? found.length <= 1 : found.length === 1 && found[0] === SECTIONS[task.state];
    if (!right)
      judge.broken(
        'the status never lies',
        `${task.id} is ${task.state}, and stands on the board under ${found.join(' and ') || 'nothing'}`,
      );
  }
}
