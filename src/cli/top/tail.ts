import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseLine } from '../../agents/line.ts';
import type { TaskId } from '../../core/model/task.ts';
import { messageOf } from '../../core/words/message-of.ts';
import { redactedIn } from '../../core/words/secrets.ts';
import { type Attempt, attemptsOf } from '../../transcript/read/attempts.ts';
import { followLines } from '../../transcript/read/follow.ts';
import { type LogLine, textOfLine } from '../../transcript/read/read.ts';
import { COLOURS, PLAIN } from '../../transcript/show/paint.ts';
import { textShow } from '../../transcript/show/text.ts';

/** How much of a long log's end is read; `tac8 view` shows all of it. */
const READ_BYTES = 512 * 1024;
/** Lines that are kept; memory stays flat however long it is followed. */
const KEPT = 5_000;
const LOOK_AGAIN = 1_000;

/**
 * Hands out the readable end of a task's newest log, again whenever it has grown, and goes on into the next attempt. Answers when it is told to stop.
 * Where there is no log (yet) that is the one line; a log that cannot be read is said, too.
 */
export async function tailTranscript(
  logs: string,
  task: TaskId,
  { colours, redact }: { readonly colours: boolean; readonly redact: (text: string) => string },
  signal: AbortSignal,
  show: (lines: readonly string[]) => void,
): Promise<void> {
  let lines: string[] = [];
  const add = (text: string): void => {
    if (text === '') return;
    lines = [...lines, ...text.replace(/\n$/, '').split('\n')].slice(-KEPT);
  };
  const newest = async (): Promise<Attempt | undefined> => (await attemptsOf(logs, task)).at(-1);
  while (!signal.aborted) {
    try {
      const attempt = await newest();
      if (attempt === undefined) return;
      const { offset, cut } = await startOf(attempt.path);
      if (cut) add(`… only the end is shown: \`tac8 view ${task}\` has all of it\n`);
      const text = textShow({ detailed: false, paint: colours ? COLOURS : PLAIN });
      let isRest = cut;
      const take = (line: LogLine): void => {
        // Where reading began in the midst of a line, its rest is no line.
        if (!isRest)
          add(
            parseLine(textOfLine(line))
              .map((event) => text(redactedIn(event, redact)))
              .join(''),
          );
        isRest = false;
      };
      const done = async (): Promise<boolean> => {
        show(lines);
        return (await newest())?.path !== attempt.path;
      };
      await followLines(attempt.path, offset, take, { signal, done });
    } catch (error) {
      if (signal.aborted) return;
      show([...lines, messageOf(error)]);
      // Its first log may come yet; one that was removed or cut is begun anew.
      lines = [];
      await sleep(LOOK_AGAIN, undefined, { signal }).catch(() => undefined);
    }
  }
}

async function startOf(path: string): Promise<{ readonly offset: number; readonly cut: boolean }> {
  const { size } = await stat(path);
  return size > READ_BYTES ? { offset: size - READ_BYTES, cut: true } : { offset: 0, cut: false };
}
