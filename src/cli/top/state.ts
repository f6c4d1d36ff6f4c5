import { shortId, type Task, type TaskId } from '../../core/model/task.ts';
import type { TaskReport } from '../../read/shown-tasks.ts';
import type { StatusReport } from '../../read/status.ts';

/*
 * What the screen of `tac8 top` is, and what a key makes of it. Pure: time, terminal and daemon are elsewhere.
 */

/** One key, or text that was pasted. */
export interface Key {
  readonly name: KeyName | 'text';
  /** For `text`. */
  readonly text: string;
}
export type KeyName = 'up' | 'down' | 'page-up' | 'page-down' | 'home' | 'end' | 'enter' | 'escape' | 'erase' | 'leave';

/** What is asked for at the bottom of the screen. */
export type Prompt =
  | { readonly kind: 'confirm'; readonly verb: EndingVerb; readonly task: TaskId }
  | { readonly kind: 'tell'; readonly task: TaskId; readonly text: string }
  | { readonly kind: 'search'; readonly text: string };
type EndingVerb = 'stop' | 'kill' | 'cancel';

export interface TopState {
  readonly report: StatusReport | null;
  /** Why the report could not be read anew; what is shown is old. */
  readonly trouble: string | null;
  /** By name: the order changes under it. */
  readonly selected: TaskId | null;
  /** Only tasks with these words are listed. */
  readonly filter: string;
  /** The transcript that is open; null: the list. */
  readonly open: TaskId | null;
  /** Lines of the transcript below the window; 0: it follows. */
  readonly back: number;
  readonly find: string;
  readonly prompt: Prompt | null;
  /** What came of the last command. */
  readonly notice: { readonly text: string; readonly bad: boolean } | null;
  readonly help: boolean;
}

export type Effect =
  | { readonly kind: 'ask'; readonly verb: string; readonly task: TaskId | null; readonly args: Readonly<Record<string, unknown>> }
  | { readonly kind: 'leave' };

export interface Pressed {
  readonly state: TopState;
  readonly effect: Effect | null;
}

export const FIRST: TopState = {
  ...{ report: null, trouble: null, selected: null, filter: '', open: null, back: 0, find: '', prompt: null, notice: null, help: false },
};

/** The listed tasks in the order of the screen. */
export function listed({ report, filter }: TopState): readonly TaskReport[] {
  const words = filter.toLowerCase();
  const all = report?.tasks ?? [];
  return words === ''
    ? all
    : all.filter(({ task, run }) => `${task.id} ${task.state} ${task.title} ${run?.stream.activity ?? ''}`.toLowerCase().includes(words));
}

/** A new look at the fleet. The selection stays on its task; where that is gone, on the one that took its place. */
export function withReport(state: TopState, report: StatusReport): TopState {
  const before = listed(state).findIndex(({ task }) => task.id === state.selected);
  const next = { ...state, report, trouble: null };
  return settle(next, before);
}

function settle(state: TopState, before: number): TopState {
  const rows = listed(state);
  if (rows.some(({ task }) => task.id === state.selected)) return state;
  return { ...state, selected: rows[Math.min(Math.max(before, 0), rows.length - 1)]?.task.id ?? null };
}

/** `page`: how many rows fit. `hits`: how far back the transcript's matches are, nearest first. */
export function press(state: TopState, key: Key, page: number, hits: readonly number[] = []): Pressed {
  if (key.name === 'leave') return { state, effect: { kind: 'leave' } };
  if (state.prompt !== null) return answerPrompt(state, state.prompt, key);
  if (state.help) return stay({ ...state, help: false });
  const moved = state.open === null ? moveInList(state, key, page) : moveInTranscript(state, key, page, hits);
  if (moved !== null) return stay(moved);
  return key.name === 'text' ? command(state, key.text) : stay(state);
}

const stay = (state: TopState): Pressed => ({ state, effect: null });

function answerPrompt(state: TopState, prompt: Prompt, key: Key): Pressed {
  const closed = { ...state, prompt: null };
  if (prompt.kind === 'confirm') {
    if (key.name !== 'text' || key.text.toLowerCase() !== 'y')
      return stay({ ...closed, notice: { text: `${prompt.verb}: not done`, bad: false } });
    return ask(closed, prompt.verb, prompt.task);
  }
  if (key.name === 'escape') return stay(closed);
  if (key.name === 'enter') return finishText(closed, prompt);
  const text = key.name === 'erase' ? [...prompt.text].slice(0, -1).join('') : `${prompt.text}${key.name === 'text' ? key.text : ''}`;
  return stay({ ...state, prompt: { ...prompt, text } });
}

function finishText(state: TopState, prompt: Exclude<Prompt, { kind: 'confirm' }>): Pressed {
  const text = prompt.text.trim();
  if (prompt.kind === 'tell') return text === '' ? stay(state) : ask(state, 'tell', prompt.task, { text });
  if (state.open !== null) return stay({ ...state, find: text });
  return stay(settle({ ...state, filter: text }, 0));
}

function moveInList(state: TopState, key: Key, page: number): TopState | null {
  const rows = listed(state);
  const at = rows.findIndex(({ task }) => task.id === state.selected);
  const to = (n: number): TopState => ({ ...state, selected: rows[Math.max(0, Math.min(rows.length - 1, n))]?.task.id ?? null });
  switch (key.name) {
    case 'up':
      return to(at - 1);
    case 'down':
      return to(at + 1);
    case 'page-up':
      return to(at - page);
    case 'page-down':
      return to(at + page);
    case 'home':
      return to(0);
    case 'end':
      return to(rows.length - 1);
    case 'enter':
      return state.selected === null ? state : { ...state, open: state.selected, back: 0, find: '', notice: null };
    case 'escape':
      return settle({ ...state, filter: '', notice: null }, at);
    default:
      return null;
  }
}

function moveInTranscript(state: TopState, key: Key, page: number, hits: readonly number[]): TopState | null {
  const to = (back: number): TopState => ({ ...state, back: Math.max(0, back) });
  switch (key.name) {
    case 'up':
      return to(state.back + 1);
    case 'down':
      return to(state.back - 1);
    case 'page-up':
      return to(state.back + page);
    case 'page-down':
      return to(state.back - page);
    case 'home':
      return to(Number.MAX_SAFE_INTEGER);
    case 'end':
      return to(0);
    case 'escape':
      return state.find === '' ? { ...state, open: null, back: 0 } : { ...state, find: '' };
    case 'text':
      if (key.text === 'q') return { ...state, open: null, back: 0, find: '' };
      if (key.text === 'n') return to(hits.find((hit) => hit > state.back) ?? state.back);
      if (key.text === 'N') return to(hits.findLast((hit) => hit < state.back) ?? state.back);
      return null;
    default:
      return null;
  }
}

const ENDING: Readonly<Record<string, EndingVerb>> = { s: 'stop', x: 'kill', c: 'cancel' };

function command(state: TopState, letter: string): Pressed {
  const id = state.open ?? state.selected;
  const task = state.report?.tasks.find((one) => one.task.id === id)?.task;
  switch (letter) {
    case 'q':
      return { state, effect: { kind: 'leave' } };
    case '?':
      return stay({ ...state, help: true });
    case 'j':
    case 'k': {
      const key: Key = { name: letter === 'j' ? 'down' : 'up', text: '' };
      return stay((state.open === null ? moveInList(state, key, 1) : moveInTranscript(state, key, 1, [])) ?? state);
    }
    case '/':
      return stay({ ...state, prompt: { kind: 'search', text: state.open === null ? state.filter : state.find } });
    case 'P':
      return withDaemon(state, () => ask(state, state.report?.fleet.pausedAt == null ? 'pause' : 'resume', null));
    default:
      return task === undefined ? stay(state) : steer(state, task, letter);
  }
}

function steer(state: TopState, task: Task, letter: string): Pressed {
  const verb = ENDING[letter];
  if (verb !== undefined) return withDaemon(state, () => stay({ ...state, prompt: { kind: 'confirm', verb, task: task.id } }));
  switch (letter) {
    case 'r':
      return withDaemon(state, () => ask(state, 'retry', task.id, { continue: false }));
    case 'R':
      return withDaemon(state, () => ask(state, 'retry', task.id, { continue: true }));
    case 't':
      return withDaemon(state, () => stay({ ...state, prompt: { kind: 'tell', task: task.id, text: '' } }));
    case 'p':
      return withDaemon(state, () => ask(state, task.pausedAt === null ? 'pause' : 'resume', task.id));
    default:
      return stay(state);
  }
}

/** A command that nobody would do now is not written down: whoever looks at a screen means this moment. */
function withDaemon(state: TopState, act: () => Pressed): Pressed {
  if (state.report?.daemon != null) return act();
  return stay({ ...state, notice: { text: 'no daemon runs: nothing can be steered. `tac8 start` starts one', bad: true } });
}

function ask(state: TopState, verb: string, task: TaskId | null, args: Readonly<Record<string, unknown>> = {}): Pressed {
  const notice = { text: `${verb}${task === null ? '' : ` ${task}`}…`, bad: false };
  return { state: { ...state, notice }, effect: { kind: 'ask', verb, task, args } };
}

/** As it is typed on the command line. */
export const shortName = (id: TaskId): string => shortId(id);
