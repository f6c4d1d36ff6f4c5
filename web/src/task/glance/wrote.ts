import { ask } from '../../link/ask.ts';
import type { Outline, Step, TaskRuns } from '../../link/contract.ts';
import { editsOf, linesOf } from '../read/edits.ts';
import { inputOf } from '../read/rows.ts';
import { openOutline } from './outline.ts';

/** The step that wrote a line. */
export interface Wrote {
  readonly run: string;
  readonly offset: number;
  readonly part: number;
}

/** So many edits of one file are looked at, the newest first. */
const MOST_EDITS = 200;

/** Which edit put this line into the file: of the newest run the last one first. Null: none that the logs tell of. */
export async function whoWrote(task: string, path: string, line: string): Promise<Wrote | null> {
  const answer = await ask<TaskRuns>(`tasks/${encodeURIComponent(task)}/runs`);
  if (!answer.ok) return null;
  let left = MOST_EDITS;
  for (const { id: run, log_bytes: bytes } of answer.value.runs.toReversed()) {
    if (bytes === null) continue;
    const outline = openOutline(task, run);
    await outline.look();
    for (const mark of editsTo(outline.known.peek()?.marks ?? [], path)) {
      if (left === 0) return null;
      left -= 1;
      if (await writes(task, run, mark, line)) return { run, offset: mark.offset, part: mark.part };
    }
  }
  return null;
}

/** The edits of a file that went well, the last one first. Agents name it from the root of the machine, git from that of the repository. */
export const editsTo = (marks: Outline['marks'], path: string): Outline['marks'] =>
  marks.filter(({ kind, ok, text }) => kind === 'edit' && ok !== false && (text === path || text.endsWith(`/${path}`))).toReversed();

async function writes(task: string, run: string, { offset, part }: Outline['marks'][number], line: string): Promise<boolean> {
  const query = new URLSearchParams({ run, offset: String(offset), part: String(part) });
  const answer = await ask<Step>(`tasks/${encodeURIComponent(task)}/transcript/step?${query}`);
  if (!answer.ok) return false;
  return editsOf(inputOf(answer.value)).some((edit) => linesOf(edit).some(({ sign, text }) => sign === '+' && text.trim() === line.trim()));
}
