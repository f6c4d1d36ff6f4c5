import { tokensOf } from '../../../src/core/limits/spend.ts';
import type { Money } from '../../../src/core/model/run.ts';
import type { RunId, Task } from '../../../src/core/model/task.ts';
import type { Stage } from '../stage.ts';
import { isPartOf, LOOKED_AT, type Sentence, sentence } from './words/sentences.ts';

/** What a reply of an agent comes to; the same for all. */
export const REPLY = { input: 1_000, output: 400, usd: (1_000 * 4 + 400 * 20) / 1e6 } as const;
export const MODEL = 'claude-opus-5-5';

export interface Cost {
  readonly task: Task;
  readonly words: string;
}

/** `more than`: nobody could read all of a log. */
const wordsOf = (whose: string, tokens: number, { usd, logsUnread = 0 }: Money): string =>
  `${whose} has used ${logsUnread > 0 ? 'more than ' : ''}${tokens} tokens, $${usd.toFixed(3)}`;

/** What is shown, and counted towards limits, of each run and each task that has ended one. */
export function saidOfCost({ contents }: Stage): readonly Cost[] {
  return [...contents.tasks.values()].flatMap((task) => {
    const runs = [...contents.runs.values()].filter((run) => run.task === task.id);
    const spent = task.spent;
    return [
      ...runs.map(({ id, stream: { spend } }) => ({ task, words: wordsOf(id, tokensOf(spend), spend) })),
      ...(spent === undefined ? [] : [{ task, words: wordsOf('it', spent.tokens, spent) }]),
    ];
  });
}

/** A run has used what its agent said in replies; a task what its ended runs have. */
export function costSentences({ conversations, contents, kernel, troubles }: Stage): readonly Sentence[] {
  const repliesOf = (run: RunId): number => conversations.of.get(run)?.replies ?? 0;
  const against = (said: RegExpExecArray, least: number, most: number): string | null => {
    const [tokens, usd] = [Number(said[3]), Number(said[4])];
    const isLess = said[2] !== undefined;
    const isWithin = (value: number, each: number): boolean => (isLess || value > least * each - 0.001) && value < most * each + 0.001;
    const isSo = isWithin(tokens, REPLY.input + REPLY.output) && isWithin(usd, REPLY.usd);
    return isSo ? null : `its agents gave ${least === most ? most : `${least} to ${most}`} replies`;
  };
  return [
    sentence(/^(w-\w+) has used (more than )?(\d+) tokens, \$([\d.]+)$/, LOOKED_AT, (said) => {
      const replies = repliesOf(said[1] as RunId);
      if (said[2] !== undefined && troubles.refused('agents.follow') === 0) return 'each log could be read';
      return against(said, replies, replies);
    }),
    sentence(/^(it) has used (more than )?(\d+) tokens, \$([\d.]+)$/, LOOKED_AT, (said, { id }) => {
      // Of a database that was lost nobody knows any more what its runs had cost.
      const all = [...kernel.folders.values()].filter(({ task }) => isPartOf(task, id)).map(({ run }) => run);
      // A fresh attempt that a person wants has all of the budget again.
      const armedAt = (id: Task['id'] | undefined): number =>
        contents.history.findLast(({ task, event }) => task === id && (event === 'rearmed' || event === 'round'))?.at ?? 0;
      const settled = all.filter((run) => {
        const row = contents.runs.get(run);
        return row?.state === 'settled' && row.createdAt > armedAt(row.task);
      });
      const sum = (runs: readonly RunId[]): number => runs.reduce((total, run) => total + repliesOf(run), 0);
      return against(said, sum(settled), sum(all));
    }),
  ];
}
