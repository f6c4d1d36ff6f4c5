import { issueNumber, type Task, type TaskId } from '../../../core/model/task.ts';
import {
  beginsAsOrder,
  commentNumber,
  type OrderRead,
  type Owed,
  readAnswer,
  readOrder,
  SPOKEN_FACT,
  type Spoken,
  type SpokenOrder,
  spokenAfter,
} from '../../../core/review/spoken-orders.ts';
import { harmless } from '../../../core/words/harmless.ts';
import { messageOf } from '../../../core/words/message-of.ts';
import type { Hearing } from '../../act/heard.ts';
import { PortError } from '../../ports/error.ts';
import type { Clock } from '../../ports/machine/clock.ts';
import type { Forge } from '../../ports/outside/forge.ts';
import type { IssueTexts } from '../../ports/outside/issue-texts.ts';
import type { Log } from '../../ports/records/log.ts';
import type { Store } from '../../ports/records/store.ts';

/** What people say by comments, orders and answers: each becomes a request once, is acknowledged, and is answered with what came of it. */
export interface OrderWatch {
  hear(signal: AbortSignal): Promise<void>;
}

/** What a person's word can do besides becoming a request. */
export interface Powers {
  /** Asks for it as a person's word, and answers the request's number. See act/heard.ts. */
  readonly hear: Hearing['hear'];
  /** Lets a held push go. */
  readonly approve: (task: TaskId, by: string) => { readonly ok: boolean; readonly message: string };
  /** Why a task is where it is, as Markdown. */
  readonly why: (task: TaskId) => string;
}

export interface OrderWatchOptions extends Powers {
  readonly forge: Pick<Forge, 'orders' | 'acknowledge' | 'comment'>;
  readonly store: Pick<Store, 'task' | 'run' | 'answer' | 'fact' | 'commit'>;
  readonly texts: IssueTexts;
  readonly clock: Clock;
  readonly log: Log;
  readonly wanted: () => boolean;
  /** Whether anything may be posted but what shows that it was heard. */
  readonly mayAnswer: () => boolean;
  /** The task whose pull has that number, if one has. */
  readonly taskOfPull: (number: number) => TaskId | null;
}

const markOf = (comment: number): string => `<!-- tac8:order comment=${comment} -->`;

export function watchOrders(options: OrderWatchOptions): OrderWatch {
  const { forge, store, hear, approve, why, texts, clock, log, wanted, mayAnswer, taskOfPull } = options;
  // What was said before the first look was said to nobody.
  const read = (): Spoken => store.fact(SPOKEN_FACT) ?? { since: clock.now(), seen: [], owed: [] };
  const keep = (spoken: Spoken): void => store.commit({ facts: { [SPOKEN_FACT]: spoken } });

  /** The task that a comment on this issue or pull is about. */
  function taskAt(number: number): Task | null {
    const pulls = taskOfPull(number);
    return store.task(`gh-${number}`) ?? (pulls === null ? null : store.task(pulls));
  }

  /** The run whose question stands on that very issue and waits for an answer. */
  function asking(task: Task | null, number: number) {
    // Of several attempts any may ask.
    const asked = [task?.id ?? [], task?.race?.racers ?? []].flat().flatMap((id) => askedBy(id, number));
    return asked.toSorted((a, b) => b.question - a.question)[0] ?? null;
  }

  function askedBy(id: TaskId, number: number) {
    const task = store.task(id);
    if (task?.state !== 'blocked' || issueNumber(task.id) !== number) return [];
    const run = store.run(task.run);
    const question = run?.settlement.commented === undefined ? null : commentNumber(run.settlement.commented.url);
    return run === null || question === null ? [] : [{ task: task.id, run, question }];
  }

  async function reply(issue: number, comment: number, words: string, signal: AbortSignal): Promise<void> {
    if (mayAnswer()) await forge.comment(issue, markOf(comment), `${words}\n\n${markOf(comment)}`, signal);
  }

  /** Null: it is neither an order nor an answer. */
  function readWords(order: SpokenOrder, task: Task, text: string): OrderRead | null {
    if (beginsAsOrder(order.body)) return readOrder(text, order.author);
    const asked = asking(task, order.issue);
    // Numbers of comments grow: one from before the question does not answer it, whatever the clocks say.
    if (asked === null || order.id <= asked.question) return null;
    return readAnswer(text, order.author, asked.run.settlement.held !== undefined);
  }

  const owe = (owed: Owed): void => {
    const now = read();
    keep({ ...now, owed: [...now.owed, owed] });
  };

  /** Noted first, then asked: a daemon that is killed in between loses the order, which nobody saw acknowledged, and never doubles it. */
  async function take(order: SpokenOrder): Promise<void> {
    const { text } = await texts.shown(order.body);
    const before = read();
    keep(spokenAfter(before, [order], before.owed));
    const task = taskAt(order.issue);
    if (task === null) return;
    const said = readWords(order, task, text);
    if (said === null) return;
    const of = { comment: order.id, issue: order.issue };
    if (said.kind === 'unclear') return owe({ ...of, words: harmless(`Not understood: ${said.why}.`), heard: true });
    const by = `${order.author} on GitHub`;
    log.info(`${order.author} says by a comment: ${said.kind === 'order' ? said.verb : said.kind}`, { task: task.id });
    if (said.kind === 'why') return owe({ ...of, why: task.id });
    if (said.kind === 'approve') return owe({ ...of, words: harmless(wordsOf(approve(task.id, by))) });
    const answered = beginsAsOrder(order.body) ? null : asking(task, order.issue);
    const request = hear({ verb: said.verb, task: answered?.task ?? task.id, args: said.args }, by);
    owe({ ...of, request, ...(beginsAsOrder(order.body) ? {} : { quiet: true as const }) });
  }

  const change = (comment: number, next: (owed: Owed) => Owed | null): void => {
    const now = read();
    const owed = now.owed.flatMap((one) => (one.comment === comment ? (next(one) ?? []) : one));
    keep({ ...now, owed });
  };

  /** Null: there is none yet. Empty: none is to be given. */
  function answerTo({ request, why: task, words = '', quiet }: Owed): string | null {
    if (task !== undefined) return why(task);
    if (request === undefined) return words;
    const said = store.answer(request);
    if (said === null) return null;
    return quiet === true && said.ok ? '' : harmless(wordsOf(said));
  }

  /** What can never be done at GitHub, as of a comment that is gone, is done with; all else is tried again with the next look. */
  async function unlessGone(comment: number, done: Promise<void>): Promise<void> {
    try {
      await done;
    } catch (error) {
      if (!(error instanceof PortError) || error.sort !== 'terminal') throw error;
      log.warn(`the answer to comment ${comment}: ${messageOf(error)}`);
    }
  }

  /** Each is noted when it is done: a daemon that is killed in between does it again, without harm. */
  async function answer(signal: AbortSignal): Promise<void> {
    for (const owed of read().owed) {
      const { comment, issue, heard } = owed;
      if (signal.aborted) return;
      if (heard !== true) {
        await unlessGone(comment, forge.acknowledge(comment, signal));
        change(comment, (one) => ({ ...one, heard: true }));
      }
      const words = answerTo(owed);
      if (words === null) continue;
      if (words !== '') await unlessGone(comment, reply(issue, comment, words, signal));
      change(comment, () => null);
    }
  }

  return {
    async hear(signal) {
      if (!wanted()) return;
      try {
        const { since, seen } = read();
        if (store.fact(SPOKEN_FACT) === null) keep({ since, seen: [], owed: [] });
        await answer(signal);
        const isAwaited = (number: number): boolean => asking(taskAt(number), number) !== null;
        const fresh = (await forge.orders(since, isAwaited, signal)).filter(({ id, at }) => !seen.includes(id) && at >= since - 1_000);
        for (const order of fresh) await take(order);
        await answer(signal);
      } catch (error) {
        if (!signal.aborted) log.warn(`what people say by comments: ${messageOf(error)}`);
      }
    },
  };
}

const wordsOf = ({ ok, message }: { readonly ok: boolean; readonly message: string }): string => `${ok ? '' : 'Not done: '}${message}.`;
