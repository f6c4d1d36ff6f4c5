import { send } from '../act/acting.ts';
import { shapeOf } from '../fleet/groups.ts';
import { Mark } from '../ground/mark.tsx';
import { Sentence } from '../ground/sentence.tsx';
import { plain } from '../ground/words.ts';
import type { Board, TaskRow } from '../link/contract.ts';
import { taskAddress } from '../link/route.ts';
import { change } from './edit.ts';

export type BoardLine = Board['lines'][number];

interface Props {
  readonly one: BoardLine;
  /** The task as the fleet has it; undefined: not a task yet, or an old one. */
  readonly row: TaskRow | undefined;
  readonly picked: boolean;
  readonly problems: Board['problems'];
  readonly onPick: () => void;
  readonly onShift: (by: 1 | -1) => void;
}

const MOST_DETAILS = 4;

/** A task's line on the board, and what can be done to it there. */
export function Card({ one, row, picked, problems, onPick, onShift }: Props) {
  const { line, task, title, priority, section, details } = one;
  const name = task ?? title;
  const isPaused = row?.paused_at != null;
  return (
    <li class="card" data-line={line} data-picked={picked} onFocusCapture={onPick}>
      <div class="card-head">
        {row !== undefined && <Mark shape={shapeOf(row)} />}
        {task === null ? (
          <span class="card-title" dir="auto">
            {plain(title)}
          </span>
        ) : (
          <a class="card-title" href={taskAddress(task)} dir="auto">
            {plain(title)}
          </a>
        )}
      </div>
      <p class="cut">
        <span>{task ?? 'no number yet'}</span>
        {isPaused && <span class="paused-word">paused</span>}
      </p>
      {details.slice(0, MOST_DETAILS).map((words, index) => (
        <p key={index} class="card-detail" dir="auto">
          <Sentence text={words.replace(/^\s*- /, '')} />
        </p>
      ))}
      {problems.map(({ message, hint }) => (
        <p key={message} class="card-problem">
          {plain(message)} {plain(hint)}
        </p>
      ))}
      <div class="card-acts">
        {section === 'pending' && (
          <>
            <select
              aria-label={`Priority of ${name}`}
              value={String(priority ?? 2)}
              onChange={({ currentTarget }) => void change({ kind: 'priority', line, priority: Number(currentTarget.value) })}
            >
              {[0, 1, 2, 3].map((value) => (
                <option key={value} value={String(value)}>
                  p{value}
                </option>
              ))}
            </select>
            <button type="button" class="button" data-kind="plain" aria-label={`Move ${name} up`} onClick={() => onShift(-1)}>
              ↑
            </button>
            <button type="button" class="button" data-kind="plain" aria-label={`Move ${name} down`} onClick={() => onShift(1)}>
              ↓
            </button>
            {row !== undefined && (
              <button
                type="button"
                class="button"
                data-kind="plain"
                onClick={() =>
                  void send(`tasks/${row.id}/${isPaused ? 'resume' : 'pause'}`, {}, `${isPaused ? 'Resume' : 'Pause'} ${row.id}`)
                }
              >
                {isPaused ? 'Resume' : 'Pause'}
              </button>
            )}
          </>
        )}
        {(section === 'failed' || section === 'blocked') && (
          <button type="button" class="button" data-kind="plain" onClick={() => void change({ kind: 'place', line, section: 'pending' })}>
            To Pending
          </button>
        )}
        {(section === 'pending' || section === 'active' || section === 'blocked') && task !== null && (
          <button type="button" class="button" data-kind="plain" onClick={() => void change({ kind: 'place', line, section: 'failed' })}>
            Cancel
          </button>
        )}
        {section === 'pending' && (
          <button
            type="button"
            class="button"
            data-kind="plain"
            aria-label={`Remove ${name}`}
            onClick={() => void change({ kind: 'remove', line })}
          >
            Remove
          </button>
        )}
      </div>
    </li>
  );
}
