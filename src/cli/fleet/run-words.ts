import { doing } from '../../core/explain/doing.ts';
import { warningsNow } from '../../core/explain/explain-run.ts';
import { isFree, moneyWords, moreThan, tokensOf } from '../../core/limits/spend.ts';
import { ANY_MACHINE, machineOf } from '../../core/model/fleet.ts';
import type { Spend } from '../../core/model/run.ts';
import { stepWords } from '../../core/tick/step-words.ts';
import { age } from '../../core/words/span.ts';
import type { TaskReport } from '../../read/shown-tasks.ts';
import type { JobAtWork, StatusReport } from '../../read/status.ts';
import { bytes, short } from '../ground/style.ts';

/** Of a task at work, on one line: what its run does, each fact for itself. */
export function runWords(run: TaskReport['run'], { at, usage, jobs }: Pick<StatusReport, 'at' | 'usage' | 'jobs'>): readonly string[] {
  if (run === null) return ['starting'];
  const { stream } = run;
  const used = usage?.workers[run.id];
  const startedAt = 'startedAt' in run ? run.startedAt : null;
  const job = jobs.get(run.id);
  return [
    run.machine === ANY_MACHINE ? 'waits for a machine' : run.state === 'ended' ? `ended ${age(at - run.endedAt)} ago` : run.state,
    ...(machineOf(run) === null ? [] : [`on ${machineOf(run)}`]),
    ...(run.state === 'running' || run.state === 'stopping' ? [`pid ${run.process.pid}`] : []),
    ...(job === undefined ? [] : [jobWords(job, at)]),
    `attempt ${run.attempt}`,
    ...(startedAt === null ? [] : [run.state === 'ended' ? `worked for ${age(run.endedAt - startedAt)}` : `for ${age(at - startedAt)}`]),
    doing(run.task, stream.activity) ?? 'no activity yet',
    stream.lastEventAt === null ? 'nothing heard yet' : `heard ${age(at - stream.lastEventAt)} ago`,
    ...(run.state === 'running' && stream.result !== null && stream.inTurn !== true && (stream.background ?? []).length > 0
      ? [`waits for work in the background, for ${age(at - stream.result.at)}: ${stream.background?.join(', ')}`]
      : []),
    ...spendWords(stream.spend),
    ...(used === undefined ? [] : [`${bytes(used.memoryBytes)} in ${used.processes} process${used.processes === 1 ? '' : 'es'}`]),
    ...(run.settlement.verified === undefined ? [] : [run.settlement.verified.ok ? 'checks green' : 'checks red']),
    ...warningsNow(run).map(({ by, text }) => `${by}: ${text}`),
    ...(run.problem === null ? [] : [`${stepWords(run.problem.step)}: ${run.problem.message}`]),
  ];
}

function jobWords({ what, since, saidAt, line }: JobAtWork, at: number): string {
  const name = what === 'setup' ? 'worktrees.setup' : 'pulls.verify';
  const said = line === '' ? 'it has said nothing yet' : `it said ${age(at - saidAt)} ago: ${line}`;
  return `${name} runs for ${age(at - since)}, ${said}`;
}

function spendWords(spend: Spend): readonly string[] {
  const tokens = tokensOf(spend);
  const about = moreThan(spend) || ((spend.tokensEstimated ?? 0) > 0 ? '≈ ' : '');
  return [...(tokens > 0 ? [`${about}${short(tokens)} tokens`] : []), ...(isFree(spend) ? [] : [moneyWords(spend)])];
}
