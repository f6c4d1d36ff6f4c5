import { useAsked } from '../ground/asked.ts';
import { Mark, type Shape } from '../ground/mark.tsx';
import { bytes, clockTime, cost, plain, plural, span } from '../ground/words.ts';
import type { TaskRuns } from '../link/contract.ts';
import { taskAddress } from '../link/route.ts';

type Run = TaskRuns['runs'][number];
const SHAPES: Readonly<Record<string, Shape>> = { done: 'completed', blocked: 'blocked', failed: 'failed' };

/** The attempts side by side. */
export function RunsView({ task, beat }: { readonly task: string; readonly beat: string }) {
  const answer = useAsked<TaskRuns>(`tasks/${encodeURIComponent(task)}/runs`, beat);
  if (answer === null) return <p class="empty">Looking …</p>;
  if (!answer.ok) return <p class="empty">{answer.why}</p>;
  const { runs } = answer.value;
  if (runs.length === 0) return <p class="empty">It was never started.</p>;
  return (
    <div class="runs">
      {runs.map((run) => (
        <RunCard key={run.id} task={task} run={run} />
      ))}
    </div>
  );
}

function RunCard({ task, run }: { readonly task: string; readonly run: Run }) {
  const { outcome, work, started_at: from, ended_at: to } = run;
  const shape = outcome === null ? (run.pid === null ? 'idle' : 'active') : (SHAPES[outcome.kind] ?? 'idle');
  const facts: readonly (readonly [string, string | null])[] = [
    ['started', from === null ? null : clockTime(Date.parse(from))],
    ['took', from === null || to === null ? null : span(Date.parse(to) - Date.parse(from))],
    ['model', run.model],
    ['turns', String(run.turns)],
    ['cost', cost(run.spend)],
    ['went on from', run.resumes],
    ['ended by', run.ended_by === null ? null : `${run.ended_by.by}: ${run.ended_by.reason}`],
    ['exit', run.exit === null ? null : run.exit.out_of_memory ? 'out of memory' : String(run.exit.code)],
    ['commits', work.commits === null ? null : plural(work.commits, 'commit')],
    ['saved', work.saved],
    ['pushed', work.pushed?.slice(0, 10) ?? null],
    ['verified', work.verify === null ? null : work.verify.ok ? 'green' : 'red'],
    ['log', run.log_bytes === null ? 'gone' : bytes(run.log_bytes)],
  ];
  return (
    <section class="run-card">
      <h2>
        <Mark shape={shape} />
        <a href={taskAddress(task, { run: run.id })}>Attempt {run.attempt}</a> <span class="cut">{run.id}</span>
      </h2>
      {outcome?.message != null && <p dir="auto">{plain(outcome.message)}</p>}
      <dl>
        {facts.map(([name, value]) =>
          value === null ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{plain(value)}</dd>
            </div>
          ),
        )}
      </dl>
    </section>
  );
}
