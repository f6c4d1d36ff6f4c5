import { createHash } from 'node:crypto';
import type { IssueTexts, ShownText } from '../../engine/ports/outside/issue-texts.ts';
import type { Cleaned } from './clean/clean-text.ts';
import { createThread, type Limits, type Thread } from './in-thread.ts';
import { knotted } from './knotted.ts';
import { plainText } from './plain.ts';

/** Longer texts are cut, and say so. */
export const MAX_TEXT = 64 * 1024;
const LIMITS: Limits = { cpu: 5_000, wall: 30_000, megabytes: 256 };
/** Answers that are kept: the same text is asked for at each attempt. */
const KEPT = 50;
/** Of pulls of a server that does not say itself what they close: all that are open, with each poll. */
const KEPT_PROSE = 300;

/** `program`: the file of the thread; read now where it is a built one. One text at a time: the machine has other work. */
export function createIssueTexts(program: string, limits: Limits = LIMITS): IssueTexts {
  const thread = createThread<Cleaned | string | null>(program, limits);
  let before: Promise<unknown> = Promise.resolve();
  /** One after the other, and what was asked lately is known. */
  function keeping<T>(read: (text: string) => Promise<T>, most: number): (text: string) => Promise<T> {
    const kept = new Map<string, Promise<T>>();
    return (text) => {
      const key = createHash('sha256').update(text).digest('hex');
      const known = kept.get(key);
      if (known !== undefined) return known;
      const answer = before.then(() => read(text));
      before = answer;
      kept.set(key, answer);
      for (const oldest of [...kept.keys()].slice(0, -most)) kept.delete(oldest);
      return answer;
    };
  }
  return { shown: keeping((text) => shown(text, thread), KEPT), prose: keeping((text) => prose(text, thread), KEPT_PROSE) };
}

type Reader = Thread<Cleaned | string | null>;

/** Cut before anything is done with it. Half a character at the cut is none. */
const cut = (whole: string): string => whole.slice(0, MAX_TEXT).toWellFormed().replace(/\r\n?/g, '\n');

async function shown(whole: string, thread: Reader): Promise<ShownText> {
  const left = Math.max(0, whole.length - MAX_TEXT);
  const text = cut(whole);
  const knot = knotted(text);
  if (knot !== null) return { text: plainText(text), left, taken: [], plain: knot };
  const answer = await thread.ask({ text, isTorn: left > 0 });
  if ('value' in answer && answer.value !== null && typeof answer.value !== 'string') return { ...answer.value, left, plain: null };
  return { text: plainText(text), left, taken: [], plain: 'because' in answer ? answer.because : 'it never comes to rest' };
}

async function prose(whole: string, thread: Reader): Promise<string> {
  const text = cut(whole);
  if (knotted(text) !== null) return '';
  const answer = await thread.ask({ text, isTorn: whole.length > MAX_TEXT, isProse: true });
  return 'value' in answer && typeof answer.value === 'string' ? answer.value : '';
}
