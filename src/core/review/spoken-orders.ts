import type { Ms } from '../model/seen.ts';
import type { TaskId } from '../model/task.ts';
import { sanitiseLine } from '../words/sanitise.ts';

/*
 * What a person says by a comment on the issue or its pull: an order, `/tac8 stop`, or the answer to a question that was asked there. It becomes
 * the same requests as commands do.
 */

/** A comment that is an order or an answer, by somebody who may write. */
export interface SpokenOrder {
  /** The comment's own number: it is acted on once. */
  readonly id: number;
  /** The number of the issue or the pull that it stands on. */
  readonly issue: number;
  readonly author: string;
  readonly at: Ms;
  readonly body: string;
}

export interface Owed {
  readonly comment: number;
  readonly issue: number;
  /** Its answer is that of this request; left out: none was asked for. */
  readonly request?: number;
  /** Why this task is where it is. */
  readonly why?: TaskId;
  /** The answer itself. */
  readonly words?: string;
  /** What shows that it was heard is there, or is not to be had. */
  readonly heard?: true;
  /** Told only if nothing came of it: the work that goes on is answer enough. */
  readonly quiet?: true;
}

/** What was heard already, and which answers are still owed. */
export interface Spoken {
  /** Comments from before are not asked for. */
  readonly since: Ms;
  /** Those since then that were looked at. */
  readonly seen: readonly number[];
  readonly owed: readonly Owed[];
}
export const SPOKEN_FACT = 'spoken';

/** A phone writes capitals by itself, and people end what they say with a point. */
export const beginsAsOrder = (body: string): boolean => /^\s{0,3}\/tac8[:,]?(?:\s|$)/i.test(body);

export type OrderRead =
  | { readonly kind: 'order'; readonly verb: string; readonly args: Readonly<Record<string, unknown>> }
  | { readonly kind: 'why' }
  | { readonly kind: 'approve' }
  | { readonly kind: 'unclear'; readonly why: string };

const KNOWN = 'stop, cancel, pause, resume, retry, tell, approve, why';

/** `shown`: the comment as its page shows it, so that nothing hidden reaches an agent. */
export function readOrder(shown: string, author: string): OrderRead {
  const said = shown
    .trim()
    .replace(/^\/tac8[:,]?/i, '')
    .trim();
  const end = said.search(/\s/);
  const [first, words] = end < 0 ? [said, ''] : [said.slice(0, end), said.slice(end).trim()];
  const verb = first.toLowerCase().replace(/[.,:;!?…]{1,3}$/, '');
  const who = `${sanitiseLine(author, 40)} on GitHub`;
  switch (verb) {
    case 'stop':
    case 'cancel':
      return { kind: 'order', verb, args: { reason: words === '' ? who : `${who}: ${sanitiseLine(words, 200)}` } };
    case 'pause':
    case 'resume':
      return { kind: 'order', verb, args: {} };
    case 'retry':
      return { kind: 'order', verb, args: words === '' ? {} : { continue: true, message: words } };
    case 'tell':
      return words === '' ? { kind: 'unclear', why: 'the message is empty' } : { kind: 'order', verb, args: { text: words } };
    case 'why':
      return { kind: verb };
    case 'approve':
      // "approve nothing of this" lets nothing go.
      if (words !== '') return { kind: 'unclear', why: 'what is held is let go by `/tac8 approve` without any other word' };
      return { kind: verb };
    default:
      return { kind: 'unclear', why: `an order is one of ${KNOWN}` };
  }
}

/** `shown`: the answer to a task's question. `isHeld`: its push waits for an approval, which one word gives. */
export function readAnswer(shown: string, author: string, isHeld: boolean): OrderRead {
  const words = shown.trim();
  if (words === '') return { kind: 'unclear', why: 'the answer is empty' };
  if (isHeld && /^approved?[.!]?$/i.test(words)) return { kind: 'approve' };
  const message = `${sanitiseLine(author, 40)} answers on the issue:\n\n${words}`;
  return { kind: 'order', verb: 'retry', args: { continue: true, message } };
}

/** The number of a comment by its address; null: it is none. Later comments have greater ones. */
export const commentNumber = (url: string): number | null => Number(/#issuecomment-(\d{1,15})$/.exec(url)?.[1] ?? 0) || null;

/** So many are remembered of one moment on. */
const REMEMBERED = 500;

/** After a look: what is older than all that was seen need not be asked for again. */
export function spokenAfter(before: Spoken, comments: readonly Pick<SpokenOrder, 'id' | 'at'>[], owed: Spoken['owed']): Spoken {
  const newest = Math.max(before.since, ...comments.map(({ at }) => at));
  const seen = [...new Set([...before.seen, ...comments.map(({ id }) => id)])].slice(-REMEMBERED);
  return { since: newest, seen, owed };
}
