import { Box, Text } from 'ink';
import { createElement as h, type ReactElement, type ReactNode } from 'react';
import { headOf, type Row, rowOf, windowOf } from './rows.ts';
import { listed, type Prompt, type TopState } from './state.ts';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** How many lines the list or the transcript has. */
export const pageOf = (state: TopState, { rows }: Size): number =>
  Math.max(1, rows - 3 - (state.report === null ? 0 : headOf(state.report).warnings.length));

type TextProps = Parameters<typeof Text>[0];
const line = (key: string, text: ReactNode, props: TextProps = {}): ReactElement => h(Text, { key, wrap: 'truncate-end', ...props }, text);

/** The whole screen; exactly as high as the terminal. `transcript`: the lines of the one that is open. */
export function screen(state: TopState, transcript: readonly string[], size: Size): ReactElement {
  const head = state.report === null ? null : headOf(state.report);
  const page = pageOf(state, size);
  const body = state.help ? help() : state.open === null ? list(state, page, size.columns) : open(state, transcript, page);
  return h(
    Box,
    { flexDirection: 'column', width: size.columns, height: size.rows },
    line('head', head?.line ?? 'looking…', { bold: true }),
    ...(head?.warnings ?? []).map((text, n) => line(`warning${n}`, text, { color: 'yellow' })),
    h(Box, { key: 'body', flexDirection: 'column', height: page, overflow: 'hidden' }, ...body),
    line(
      'notice',
      state.trouble ?? state.notice?.text ?? ' ',
      state.trouble !== null || state.notice?.bad === true ? { color: 'red' } : { color: 'green' },
    ),
    foot(state),
  );
}

function list(state: TopState, page: number, columns: number): ReactElement[] {
  const { report } = state;
  const rows = listed(state);
  if (report === null) return [];
  if (rows.length === 0)
    return [line('none', state.filter === '' ? 'The queue is empty.' : `No task with “${state.filter}”: Esc shows all.`)];
  const at = rows.findIndex(({ task }) => task.id === state.selected);
  const { from, to } = windowOf(rows.length, at, page);
  return rows.slice(from, to).map((row, n) => listLine(rowOf(row, report), from + n === at, columns));
}

function listLine(row: Row, isSelected: boolean, columns: number): ReactElement {
  const title = Math.max(10, Math.floor((columns - 24) * 0.4));
  const cell = (key: string, width: number, text: string, props: TextProps = {}): ReactElement =>
    h(Box, { key, width, flexShrink: 0 }, line('text', `${text} `, props));
  return h(
    Box,
    { key: row.name, height: 1 },
    cell('mark', 2, isSelected ? '▸' : ' ', { color: 'cyan' }),
    cell('name', 9, row.name, { bold: true, inverse: isSelected }),
    cell('state', 11, row.state, { color: row.colour }),
    cell('title', title, row.title, { bold: isSelected }),
    h(Text, { key: 'gap' }, '  '),
    h(Box, { key: 'words', flexGrow: 1 }, line('text', row.words, { dimColor: true })),
  );
}

function open(state: TopState, transcript: readonly string[], page: number): ReactElement[] {
  const back = Math.min(state.back, Math.max(0, transcript.length - page));
  const end = transcript.length - back;
  const shown = transcript.slice(Math.max(0, end - page), end);
  return shown.map((text, n) => line(`line${n}`, text === '' ? ' ' : text, isHit(text, state.find) ? { inverse: true } : {}));
}

export const isHit = (text: string, find: string): boolean => find !== '' && text.toLowerCase().includes(find.toLowerCase());

const ASKS: Readonly<Record<'stop' | 'kill' | 'cancel', string>> = {
  stop: 'ends its worker after the tool in hand, its work saved',
  kill: 'ends its worker now, its work saved',
  cancel: 'ends it, and it does not start again by itself',
};

function foot(state: TopState): ReactElement {
  if (state.prompt !== null) return promptLine(state.prompt);
  if (state.open !== null) {
    const where = state.back === 0 ? 'following' : `${state.back} lines back`;
    return line('foot', `${state.open} · ${where} · Esc list · ? keys · ↑↓ PgUp PgDn · End follows · / find · n N next · s x c r t p`, {
      dimColor: true,
    });
  }
  const filter = state.filter === '' ? '' : `/${state.filter} · `;
  return line('foot', `${filter}q leave · ? keys · ↑↓ Enter open · / search · s stop · x kill · c cancel · r retry · t tell · p pause`, {
    dimColor: true,
  });
}

function promptLine(prompt: Prompt): ReactElement {
  if (prompt.kind === 'confirm')
    return line('foot', `${prompt.verb} ${prompt.task}: ${ASKS[prompt.verb]}. Sure? y/N`, { color: 'yellow', bold: true });
  // Its end is what a person looks at while typing.
  const words = prompt.kind === 'tell' ? `tell ${prompt.task}: ` : '/';
  return line('foot', `${words}${prompt.text}█`, { color: 'cyan', wrap: 'truncate-start' });
}

const KEYS = [
  ['↑ ↓ j k PgUp PgDn Home End', 'move'],
  ['Enter', 'the transcript of the task; it follows what the agent says'],
  ['Esc, q', 'back; in the list q leaves, as does Ctrl-C anywhere'],
  ['/', 'list: only tasks with these words; transcript: find, n and N go on'],
  ['s', 'stop: after the tool in hand, work saved'],
  ['x', 'kill: the whole process tree now, work saved'],
  ['c', 'cancel: stop, and do not start again'],
  ['r, R', 'retry afresh; R goes on in the same conversation'],
  ['t', 'tell the agent something'],
  ['p, P', 'pause or resume the task; P the fleet'],
] as const;

const help = (): ReactElement[] => [
  line('title', 'Keys', { bold: true }),
  ...KEYS.map(([keys, words]) => line(keys, `  ${keys.padEnd(30)} ${words}`)),
  line('rest', 'Any key goes back. Each command does what `tac8 stop`, `kill`, … do; its answer appears below.', { dimColor: true }),
];
