import { issueNumber, type Task } from '../../../src/core/task.ts';
import type { Stage } from '../stage.ts';

/** What still keeps the simulated world from rest, in words; empty once every task has come to its end and nothing is left over. */
export function unrest(stage: Stage): readonly string[] {
  const { contents, kernel } = stage;
  const found: string[] = [];
  for (const run of kernel.liveRuns()) found.push(`processes of ${run} live`);
  for (const run of contents.runs.values())
    if (run.state !== 'settled')
      found.push(`${run.id} (${run.task}) is ${run.state}${run.problem === null ? '' : `: ${run.problem.step}: ${run.problem.message}`}`);
  for (const request of contents.requests.values())
    if (request.answer === null) found.push(`\`${request.verb} ${request.task ?? ''}\` is not answered`);
  for (const task of contents.tasks.values()) if (mayRun(stage, task)) found.push(`${task.id} is ${task.state}`);
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
  if (task.state === 'active' || number === null) return true;
  return !hasTheirPull(stage, number) && (task.armedBy === 'person' || stage.forge.trigger(number).allowed);
}

const hasTheirPull = (stage: Stage, number: number): boolean =>
  stage.forge.pulls.some(({ state, body, author }) => state === 'open' && author === 'bob' && body === `Closes #${number}`);

/** At rest, what tac8 says is held against what there is. */
export function checkResults(stage: Stage): void {
  const { contents, judge, repository, forge, policy } = stage;
  const [lost] = stage.letters.lost();
  if (lost !== undefined) judge.broken('each effect happens once', `${lost} was taken for told, and no agent ever began with it`);
  for (const task of contents.tasks.values()) {
    if (task.state !== 'completed') continue;
    if (repository.pushed.get(task.id) === undefined)
      judge.broken('the status never lies', `${task.id} is completed, but its branch was never pushed`);
    const isIssue = issueNumber(task.id) !== null;
    if (isIssue && !forge.pulls.some(({ head }) => head.branch === `${policy.branchPrefix}${task.id}`)) {
      judge.broken('the status never lies', `${task.id} is completed, but there is no pull for it`);
    }
  }
}
