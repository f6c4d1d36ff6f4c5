import type { Task } from '../../../../src/core/model/task.ts';
import { blockEnd, linesOf, taskLines } from '../../people/board-lines.ts';
import type { Stage } from '../../stage.ts';
import { raceNotes } from './race-words.ts';
import { ASKED_AGAIN, evidenceIn, LOOKED_AT, type Sentence, sentence } from './sentences.ts';
import { waitingSentences } from './waiting-words.ts';

export interface OnBoard {
  readonly task: Task;
  readonly words: string;
}

/** What a person put there stays theirs: what tac8 says are the marks of lines with a run, and these details. */
const OURS = /^- (?:Started|PID|PR|Completed|Branch|Reason|Question|Note): /;

/** All that the board says of tasks that stand there once, piece by piece. */
export function saidByBoard({ board, contents }: Stage): readonly OnBoard[] {
  const { text } = board;
  if (text === null || board.isBeingSaved) return [];
  const lines = linesOf(text);
  const all = taskLines(text);
  return all.flatMap(({ at, id, mark }) => {
    const task = contents.tasks.get(id);
    if (task === undefined || all.filter((other) => other.id === id).length > 1) return [];
    const details = lines.slice(at + 1, blockEnd(lines, at)).filter((line) => OURS.test(line));
    return [...(/w-\w/.test(mark) ? [mark] : []), ...details.map((line) => line.slice(2))].map((words) => ({ task, words }));
  });
}

/** Each piece, and what it rests on. */
export function boardSentences(stage: Stage): readonly Sentence[] {
  const { contents, kernel, forge, policy, timeline } = stage;
  const { notOf, noCommit, noPull, notEndedBy, mayHaveCome } = evidenceIn(stage);
  const waiting = waitingSentences(stage);
  const hasCome = (time: string | undefined): boolean => Date.parse(`${time?.replace(' ', 'T')}Z`) <= timeline.wall() + 2_000;
  return [
    sentence(/^\[🟡 (w-\w+),/u, LOOKED_AT, ([, run = ''], task) => {
      const row = [...contents.runs.values()].find(({ id }) => id === run);
      if (row === undefined || row.state === 'settled') return 'no such run is at work';
      if (row.state === 'running' && kernel.membersOf(row.id).length === 0) return 'nothing of it lives';
      return notOf(run, task.id);
    }),
    sentence(/^\[✅ (?:(\w+), )?(w-\w+)\]/u, LOOKED_AT, ([, commit, run = ''], { id }) =>
      commit === undefined ? notOf(run, id) : (noCommit(commit, id) ?? notOf(run, id)),
    ),
    sentence(/^\[\S+ (w-\w+)\]/u, LOOKED_AT, ([, run = ''], { id }) => notOf(run, id)),
    sentence(/^(?:Started|Completed): (.+)$/, LOOKED_AT, ([, time]) => (hasCome(time) ? null : 'that is still to come')),
    sentence(/^PID: (\d+)$/, LOOKED_AT, ([, pid], { id }) =>
      kernel.find(Number(pid))?.task === id ? null : 'no such process of it lives',
    ),
    sentence(/^PR: #(\d+) (\S+)$/, LOOKED_AT, ([, number, url = ''], task) =>
      forge.pulls.some((pull) => pull.url === url && pull.number !== Number(number)) ? 'the address is that of another' : noPull(url, task),
    ),
    sentence(/^Branch: (\S+)$/, LOOKED_AT, ([, branch], { id }) =>
      branch?.startsWith(`${policy.branchPrefix}${id}`) === true ? null : 'that is not its branch',
    ),
    sentence(/^Question: /, LOOKED_AT, (_, { id }) => (mayHaveCome(id, 'blocked') ? null : 'no agent of it asked')),
    sentence(/^(?:Reason|Note): ([a-z]+_[a-z_]+|stalled|timeout|crash|budget|unknown|interrupted): /, LOOKED_AT, ([, type = ''], task) =>
      notEndedBy(type, task),
    ),
    sentence(/^Note: (depends on .*)$/, ASKED_AGAIN, ([, on = ''], task) => {
      const found = waiting.find(({ pattern }) => pattern.test(on));
      const said = found?.pattern.exec(on) ?? null;
      return found === undefined || said === null ? 'nobody has written down what this rests on' : found.falseBecause(said, task);
    }),
    ...raceNotes(stage, '^Note: '),
    sentence(/^Note: (?:stopped|killed|cancelled): /, LOOKED_AT, (_, task) => notEndedBy('stopped', task)),
    // A person's own words stand alone.
    sentence(/^Reason: /, LOOKED_AT, (_, task) => notEndedBy('stopped', task)),
  ];
}
