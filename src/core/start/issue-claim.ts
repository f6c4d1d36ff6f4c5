import type { Claims, IssueClaim } from '../model/forge.ts';
import { type Gate, gate, pass, shut } from '../model/gate.ts';
import type { Ms } from '../model/seen.ts';
import { issueNumber, isTaskId, rootOf, type Task, type TaskId } from '../model/task.ts';
import { sanitiseLine } from '../words/sanitise.ts';

/*
 * Of several daemons that watch one repository, each with a clone of its own, one works on an issue: the one that was first to put a ref
 * `refs/tac8/claim/gh-12` at the remote. A ref is put there only where none was, so the remote itself decides.
 */

/** A claim that has not been renewed for so long, as the one who waits counts it, is nobody's. */
export const CLAIM_OLD: Ms = 20 * 60_000;
/** All claims of a daemon are renewed together, this often. */
export const CLAIM_EVERY: Ms = 5 * 60_000;

/** The name of the gate where another works on the issue. */
export const CLAIMED_BY_OTHERS = 'claimed';
const ASKING = 'the next answer of the remote';

/** The gate that opens once the issue is ours. */
export function claimGate(claims: Claims, task: Pick<Task, 'id'>): readonly Gate[] {
  if (claims === null || issueNumber(task.id) === null) return [];
  const seen = claims.of.get(rootOf(task.id));
  if (seen === undefined)
    return claims.asks
      ? [shut('claim', 'tac8 claims its issue at the remote', ASKING)]
      : [pass('claim', 'its issue is claimed as it starts')];
  if (!seen.known) return [shut('claim', `tac8 cannot claim its issue at the remote: ${seen.because}`, ASKING, { since: seen.since })];
  if (seen.value.kind === 'ours') return [pass('claim', 'its issue is claimed by this daemon')];
  const { claim, words } = seen.value;
  const change =
    claim.over === null
      ? `its work ends there, or that daemon is silent for ${CLAIM_OLD / 60_000} minutes`
      : 'the label is put on again, or `tac8 retry`';
  return [gate(CLAIMED_BY_OTHERS, false, words, { since: claim.since, change })];
}

/** `local`: a time as people of this machine read it. */
export const claimedWords = ({ machine, since, over }: IssueClaim, local: (at: Ms) => string): string =>
  `claimed by ${machine} since ${local(since)}${over === null ? '' : `, where its work ended ${local(over)}`}`;

/** Whether a claim that another made leaves the issue to whoever asks now: its work is over there, and it was labelled anew since. */
export const isLeft = ({ label, over }: IssueClaim, labelled: Ms | null): boolean =>
  // Whoever names the issue here knows what they want.
  over !== null && (labelled === null || (label ?? over) < labelled);

/** Many claims of one daemon in one text: they are renewed together. */
export function claimText(
  owner: string,
  machine: string,
  at: Ms,
  claims: ReadonlyMap<TaskId, Omit<IssueClaim, 'owner' | 'machine'>>,
): string {
  const issues = Object.fromEntries([...claims].map(([task, { since, label, over }]) => [task, [since, label, over]]));
  return `tac8 claims issues\n\n${JSON.stringify({ owner, machine, at, issues })}\n`;
}

/** Whoever may push can have written it. Null: it is no claim of that issue. */
export function readClaim(text: string, task: TaskId): IssueClaim | null {
  const line = text.split('\n').find((one) => one.startsWith('{'));
  if (line === undefined || line.length > MOST) return null;
  let said: unknown;
  try {
    said = JSON.parse(line);
  } catch {
    return null;
  }
  if (!isObject(said) || typeof said.owner !== 'string' || typeof said.machine !== 'string' || !isObject(said.issues)) return null;
  const entry = Object.hasOwn(said.issues, task) ? said.issues[task] : undefined;
  if (!isTaskId(task) || !Array.isArray(entry)) return null;
  const [since, label, over]: unknown[] = entry;
  if (!isTime(since) || !(label === null || isTime(label)) || !(over === null || isTime(over))) return null;
  return { owner: said.owner.slice(0, 64), machine: sanitiseLine(said.machine, 60), since, label, over };
}

const MOST = 1_000_000;
/** What a date can be. */
const isTime = (value: unknown): value is Ms => typeof value === 'number' && Number.isFinite(value) && Math.abs(value) < 8e15;
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
