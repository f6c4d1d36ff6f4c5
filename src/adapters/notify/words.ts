import type { Notice } from '../../core/model/alert.ts';
import type { Ms } from '../../core/model/seen.ts';
import { age } from '../../core/words/span.ts';

/** From where a notice comes. */
export interface Origin {
  /** `owner/name`, or the folder's name where there is no GitHub. */
  readonly repo: string;
  readonly host: string;
}

/** What a webhook and a command get: stable names, times ISO 8601. */
export function documentOf({ id, event, rule, task, text, hint, at, since }: Notice, { repo, host }: Origin) {
  const iso = (ms: Ms): string => new Date(ms).toISOString();
  return { id, event, rule, task, text, hint, at: iso(at), since: iso(since), repo, host };
}

/** One line that says all of it, for people. */
export function sentenceOf({ event, text, at, since }: Notice): string {
  if (event === 'cleared') return `Over, after ${age(at - since)}: ${text}`;
  return text;
}
