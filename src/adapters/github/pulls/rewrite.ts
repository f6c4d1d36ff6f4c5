import { createHash } from 'node:crypto';
import type { Where } from '../login/repository.ts';
import type { Api } from '../rest/api.ts';
import { pullShape } from '../rest/shapes.ts';
import { BODY_MAX, fitBody } from '../write/fit.ts';

/*
 * The text of a pull is written anew after each round, as long as it is ours: below it stands a print of it. Where a person changed a word, or
 * ticked a box, the print is of another text, and theirs stays.
 */

const stampOf = (text: string): string => `\n\n<!-- tac8:text ${createHash('sha256').update(text).digest('hex').slice(0, 16)} -->`;
const LONGEST = BODY_MAX - stampOf('').length;

export function stamped(body: string): string {
  const text = fitBody(body, LONGEST).trimEnd();
  return `${text}${stampOf(text)}`;
}

const plain = (body: string): string => body.replaceAll('\r\n', '\n').trimEnd();

/** Nobody has changed it since it was stamped. */
function isOurs(body: string): boolean {
  const end = /\n\n<!-- tac8:text [0-9a-f]{16} -->$/.exec(body);
  return end !== null && end[0] === stampOf(body.slice(0, end.index));
}

/** False: a person has changed the text, and theirs stays. */
export async function rewritePull(api: Api, where: Where, pull: number, body: string, signal: AbortSignal): Promise<boolean> {
  const { owner, name } = await where(signal);
  const of = { owner, repo: name, pull_number: pull };
  const { value } = await api.read(api.endpoint('GET /repos/{owner}/{repo}/pulls/{pull_number}', of), pullShape, { signal, fresh: true });
  const before = plain(value.body ?? '');
  const text = stamped(body);
  if (before === text) return true;
  if (!isOurs(before)) return false;
  await api.change(api.endpoint('PATCH /repos/{owner}/{repo}/pulls/{pull_number}', { ...of, body: text }), pullShape, signal);
  return true;
}
