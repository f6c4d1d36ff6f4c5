import { Ago } from '../ground/ago.tsx';
import { now } from '../ground/clock.ts';
import { Mark } from '../ground/mark.tsx';
import { Sentence } from '../ground/sentence.tsx';
import { amount, bytes, cost, hasCost, plain, plural, span } from '../ground/words.ts';
import type { PullRow, State, TaskRow as Task } from '../link/contract.ts';
import { taskAddress } from '../link/route.ts';
import { saidOf, shapeOf, toneOf } from './groups.ts';
import { sizes } from './sizes.ts';

const QUIET = 5 * 60_000;

export function TaskRow({ task, notes, picked }: { readonly task: Task; readonly notes: State['notes']; readonly picked: boolean }) {
  const { run } = task;
  const lives = run?.pid != null;
  return (
    <li class="row" data-state={task.state} data-task={task.id} data-picked={picked}>
      <Mark shape={shapeOf(task)} />
      <div>
        <div class="head">
          <a class="title" href={taskAddress(task.id)}>
            {plain(task.title)}
          </a>
          <span class="id">{run?.machine == null ? task.id : `${task.id} on ${run.machine}`}</span>
        </div>
        <p class="said" data-tone={toneOf(task)}>
          <Sentence text={saidOf(task, notes)} />
        </p>
      </div>
      <div class="facts-line">
        <Silence task={task} />
        <span class="cell right" data-label={task.ended_at === null ? 'for' : ''}>
          <Ago at={lives && run.started_at !== null ? run.started_at : task.since} after={task.ended_at === null ? '' : ' ago'} />
        </span>
        <span class="cell right" data-label="attempt">
          {run?.attempt}
        </span>
        <span class="cell right" data-label="memory">
          {run?.usage == null ? null : bytes(run.usage.memory)}
        </span>
        <span class="cell right" data-label="cost">
          {run === null || !hasCost(run.spend) ? null : cost(run.spend)}
        </span>
        <Size task={task} />
        <span class="cell pull">{task.pull === null ? null : <PullLink pull={task.pull} />}</span>
      </div>
    </li>
  );
}

/** How much it has changed, in lines; nothing before git was asked. */
function Size({ task }: { readonly task: Task }) {
  const size = sizes.value.get(task.id);
  const [added, removed] = size === undefined ? [0, 0] : [size.added, size.removed];
  return (
    <span class="cell right" title={size === undefined || size.files === 0 ? undefined : plural(size.files, 'file')}>
      {added + removed > 0 && (
        <>
          <span class="plus">+{amount(added)}</span> <span class="minus">−{amount(removed)}</span>
        </>
      )}
    </span>
  );
}

/** How long the agent has said nothing: of one that lives alone. */
function Silence({ task: { run } }: { readonly task: Task }) {
  const at = run?.pid == null ? null : run.last_event_at;
  const quiet = at !== null && now.value - Date.parse(at) > QUIET;
  return (
    <span class="cell right" data-label="silent" data-tone={quiet ? 'warn' : undefined}>
      {at === null ? null : span(now.value - Date.parse(at))}
    </span>
  );
}

const CHECKS = {
  failing: ['failed', 'failing'],
  running: ['pending', 'running'],
  passed: ['completed', 'passed'],
} as const;

const REVIEWS = {
  approved: ['completed', 'approved'],
  changes_requested: ['blocked', 'changes requested'],
  required: ['review', 'review required'],
} as const;

export function PullLink({ pull: { number, url, state, draft, review, checks } }: { readonly pull: PullRow }) {
  const word = draft === true && state === 'open' ? 'draft' : (state ?? '');
  const [shape, said] = (checks?.state != null && CHECKS[checks.state as keyof typeof CHECKS]) || [];
  return (
    <>
      {/^https?:\/\//.test(url) ? (
        <a href={url} target="_blank" rel="noreferrer">
          #{number}
        </a>
      ) : (
        `#${number}`
      )}{' '}
      {word}
      {shape !== undefined && checks !== null && (
        <span class="check" data-old={!checks.known} title={checks.because ?? undefined}>
          <Mark shape={shape} said={`checks ${said}`} />
          {checks[said]} {!checks.known && <Ago at={checks.at} after=" ago" />}
        </span>
      )}
      {review !== null && state === 'open' && (
        <span class="review">
          <Mark shape={REVIEWS[review][0]} said="reviews" /> {REVIEWS[review][1]}
        </span>
      )}
    </>
  );
}
