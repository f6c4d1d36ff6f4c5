import { useRef } from 'preact/hooks';
import { useAsked } from '../ground/asked.ts';
import { amount, cost, dollars, hasCost, mark, plain, plural, sumOfMoney } from '../ground/words.ts';
import type { State, Stats } from '../link/contract.ts';
import { go, type Route } from '../link/route.ts';
import { Chart } from './chart.tsx';

const DECADES = [1, 10, 100, 1000, 10_000, 100_000];
const WHOLE = DECADES.flatMap((ten) => [ten, 2 * ten, 5 * ten]);
const MONEY = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, ...WHOLE];
/** In ms: seconds, minutes and hours as a clock has them. */
const TIMES = [1, 2, 5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400].map((s) => s * 1000);
const SPANS = [7, 14, 30, 90] as const;

/** What the address asks for: how many days, and of which runs. */
interface Chosen {
  readonly days: number;
  readonly model: string | null;
  readonly label: string | null;
}

function chosenIn(query: Route['query']): Chosen {
  const days = Number(query.get('days'));
  return { days: SPANS.find((one) => one === days) ?? 14, model: query.get('model'), label: query.get('label') };
}

function queryOf({ days, model, label }: Chosen): string {
  const given = new URLSearchParams({ days: String(days) });
  if (model !== null) given.set('model', model);
  if (label !== null) given.set('label', label);
  return String(given);
}

const choose = (chosen: Chosen): void => go(`#/charts?${queryOf(chosen)}`);

/** What the days came to: how much was done, how it ended, what it cost, how long it took. */
export function ChartsView({ state, query }: { readonly state: State; readonly query: Route['query'] }) {
  const chosen = chosenIn(query);
  const { workers_completed: done, workers_failed: failed } = state.counters;
  const answer = useAsked<Stats>(`stats?${queryOf(chosen)}`, `${done} ${failed}`);
  const before = useRef<Stats | null>(null);
  if (answer?.ok === true) before.current = answer.value;
  return (
    <div class="charts">
      <div class="charts-head">
        <h1>Days</h1>
        {(['model', 'label'] as const).map((kind) =>
          chosen[kind] === null ? null : (
            <button key={kind} type="button" class="button only" onClick={() => choose({ ...chosen, [kind]: null })}>
              only {kind} <b>{plain(chosen[kind])}</b> <span aria-hidden="true">×</span>
              <span class="hidden">: show all</span>
            </button>
          ),
        )}
        <fieldset>
          <legend class="hidden">How many days</legend>
          {SPANS.map((span) => (
            <label key={span}>
              <input type="radio" name="days" checked={chosen.days === span} onChange={() => choose({ ...chosen, days: span })} />
              {span}
            </label>
          ))}
        </fieldset>
      </div>
      {answer?.ok === false ? (
        <p class="empty">{answer.why}</p>
      ) : before.current === null ? (
        <p class="empty">Counting …</p>
      ) : (
        // What was shown stays until the next is there.
        <Days stats={before.current} chosen={chosen} />
      )}
    </div>
  );
}

type Day = Stats['days'][number];

const outcome = (day: Day, name: string): number => day.outcomes[name] ?? 0;
const failures = (day: Day): number => day.runs - outcome(day, 'done') - outcome(day, 'blocked') - outcome(day, 'open');

function Days({ stats: { days, models, labels, cut }, chosen }: { readonly stats: Stats; readonly chosen: Chosen }) {
  const at = days.map(({ day }) => Date.parse(`${day}T12:00:00`) / 1000);
  const runs = days.reduce((sum, day) => sum + day.runs, 0);
  if (runs === 0 && chosen.model === null && chosen.label === null) return <p class="empty">No run has ended in these days.</p>;
  const done = days.map((day) => outcome(day, 'done'));
  const blocked = days.map((day) => outcome(day, 'blocked'));
  const open = days.map((day) => outcome(day, 'open'));
  const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
  return (
    <>
      {cut && <p class="cut">Some days have more runs than are counted.</p>}
      <div class="chart-grid">
        <Chart
          title="Runs by how they ended"
          said={`${plural(runs, 'run')}: ${sum(done)} done, ${sum(blocked)} asked, ${sum(days.map(failures))} failed${
            sum(open) === 0 ? '' : `, ${sum(open)} not judged yet`
          }`}
          at={at}
          format={amount}
          steps={WHOLE}
          stacked
          series={[
            { name: 'done', colour: '--completed', values: done },
            { name: 'asked', colour: '--blocked', values: blocked },
            { name: 'failed', colour: '--failed', values: days.map(failures) },
          ]}
        />
        <Chart
          title="Pulls"
          said={plural(sum(days.map(({ pulls }) => pulls)), 'pull')}
          at={at}
          format={amount}
          steps={WHOLE}
          stacked
          series={[{ name: 'pulls', colour: '--review', values: days.map(({ pulls }) => pulls) }]}
        />
        <Chart
          title="Cost"
          said={hasCost(sumOfMoney(days)) ? `${cost(sumOfMoney(days))} in all` : 'no agent has told any'}
          at={at}
          format={dollars}
          steps={MONEY}
          stacked
          series={[{ name: 'cost', colour: '--active', values: days.map(({ usd }) => usd) }]}
        />
        <Chart
          title="How long a run took"
          said="median, and what nine of ten stay below"
          at={at}
          format={mark}
          steps={TIMES}
          series={[
            { name: 'median', colour: '--active', values: days.map(({ median_ms }) => median_ms) },
            { name: 'nine of ten', colour: '--pending', values: days.map(({ p90_ms }) => p90_ms) },
          ]}
        />
      </div>
      <div class="chart-grid">
        <Table title="By model" kind="model" rows={models} chosen={chosen} />
        <Table title="By label" kind="label" rows={labels} chosen={chosen} />
        <Failures days={days} runs={runs} />
      </div>
    </>
  );
}

interface TableProps {
  readonly title: string;
  readonly kind: 'model' | 'label';
  readonly rows: Stats['models'];
  readonly chosen: Chosen;
}

/** A click on a name has the charts show its runs alone. */
function Table({ title, kind, rows, chosen }: TableProps) {
  if (rows.length === 0) return null;
  return (
    <section class="chart">
      <h2>{title}</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Runs</th>
            <th scope="col">Done</th>
            <th scope="col">Cost</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, runs, outcomes, ...spent }) => {
            const isChosen = chosen[kind] === name;
            return (
              <tr key={name}>
                <th scope="row">
                  <button type="button" aria-pressed={isChosen} onClick={() => choose({ ...chosen, [kind]: isChosen ? null : name })}>
                    {plain(name)}
                  </button>
                </th>
                <td>{amount(runs)}</td>
                <td>{runs === 0 ? '' : `${Math.round(((outcomes.done ?? 0) / runs) * 100)} %`}</td>
                <td>{cost(spent)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

const NO_FAILURES = new Set(['done', 'blocked', 'open']);

/** Why runs failed, the most frequent first. */
function Failures({ days, runs }: { readonly days: Stats['days']; readonly runs: number }) {
  const counts = new Map<string, number>();
  for (const { outcomes } of days)
    for (const [type, count] of Object.entries(outcomes)) if (!NO_FAILURES.has(type)) counts.set(type, (counts.get(type) ?? 0) + count);
  if (counts.size === 0) return null;
  return (
    <section class="chart">
      <h2>Why runs failed</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Failure</th>
            <th scope="col">Runs</th>
            <th scope="col">Of all</th>
          </tr>
        </thead>
        <tbody>
          {[...counts]
            .sort(([, a], [, b]) => b - a)
            .map(([type, count]) => (
              <tr key={type}>
                <th scope="row">{plain(type.replaceAll('_', ' '))}</th>
                <td>{amount(count)}</td>
                <td>{Math.round((count / Math.max(1, runs)) * 100)} %</td>
              </tr>
            ))}
        </tbody>
      </table>
    </section>
  );
}
