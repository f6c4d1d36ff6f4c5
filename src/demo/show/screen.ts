import { stripVTControlCharacters, styleText } from 'node:util';
import type { TaskId } from '../../core/model/task.ts';
import type { Fate, FateName } from '../ground/fates.ts';
import type { Happening } from './progress.ts';

/** Where the demo tells what happens while it runs. */
export interface Screen {
  note(text: string): void;
  tell(news: readonly Happening[]): void;
  /** The tasks are known from now on. */
  begin(fates: readonly Fate[], tasks: ReadonlyMap<FateName, TaskId>): void;
  /** Nothing is redrawn any more. */
  finish(): void;
}

export type Paint = (style: Parameters<typeof styleText>[0], text: string) => string;

/** Colours where a person looks: a terminal, and NO_COLOR not set. */
export const painter =
  (stream: NodeJS.WriteStream): Paint =>
  (style, text) =>
    styleText(style, text, { stream, validateStream: true });

const COLOURS = { agent: 'cyan', forge: 'magenta', person: 'yellow', tac8: 'dim' } as const;

export const silentScreen: Screen = { note: () => undefined, tell: () => undefined, begin: () => undefined, finish: () => undefined };

/** One line per thing that happens: for a pipe, a file, a terminal that cannot move its cursor. */
export function lineScreen(stream: NodeJS.WriteStream, startedAt: number): Screen {
  const paint = painter(stream);
  return {
    ...silentScreen,
    note: (text) => void stream.write(`${text}\n`),
    tell(news) {
      for (const { at, task, who, text } of news) {
        const seconds = ((at - startedAt) / 1000).toFixed(1).padStart(6);
        stream.write(`${paint('dim', `${seconds} s`)}  ${(task ?? '').padEnd(8)} ${paint(COLOURS[who], who.padEnd(7))} ${text}\n`);
      }
    },
  };
}

/** A table with a row per task, drawn anew in place. */
export function tableScreen(stream: NodeJS.WriteStream, startedAt: number): Screen {
  const paint = painter(stream);
  const last = new Map<string, Happening>();
  let rows: readonly { readonly task: string; readonly shows: string }[] = [];
  let drawn = 0;
  let timer: NodeJS.Timeout | null = null;

  const shorten = (text: string): string => {
    const width = Math.max(40, stream.columns ?? 80);
    // Cut without colours when it is too long: a colour that is cut in half would run on.
    return stripVTControlCharacters(text).length < width ? text : `${stripVTControlCharacters(text).slice(0, width - 2)}…`;
  };
  const draw = (): void => {
    const lines = rows.map(({ task, shows }) => {
      const news = last.get(task);
      const words = news === undefined ? '' : `${paint(COLOURS[news.who], news.who.padEnd(6))} ${news.text}`;
      return shorten(`${paint('bold', task.padEnd(8))} ${paint('dim', shows.slice(0, 34).padEnd(35))} ${words}`);
    });
    lines.push(paint('dim', `${((Date.now() - startedAt) / 1000).toFixed(1)} s`));
    stream.write(`${drawn > 0 ? `\x1b[${drawn}A` : ''}\x1b[J${lines.join('\n')}\n`);
    drawn = lines.length;
  };
  return {
    note(text) {
      if (drawn === 0) return void stream.write(`${text}\n`);
      // Above the table, which moves down.
      stream.write(`\x1b[${drawn}A\x1b[J${text}\n\n`);
      drawn = 0;
      draw();
    },
    tell(news) {
      for (const one of news) if (one.task !== null) last.set(one.task, one);
      if (news.length > 0) draw();
    },
    begin(fates, tasks) {
      rows = fates.map(({ name, shows }) => ({ task: tasks.get(name) ?? '', shows }));
      stream.write('\n');
      draw();
      timer = setInterval(draw, 500);
    },
    finish() {
      if (timer !== null) clearInterval(timer);
      timer = null;
    },
  };
}
