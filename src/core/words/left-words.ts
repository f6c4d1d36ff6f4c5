import type { Elsewhere, Inspection, Settlement } from '../model/run.ts';

export const commitsOf = (count: number): string => `${count} ${count === 1 ? 'commit' : 'commits'}`;

const shown = (name: string): string => name.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?');

/** What is in no commit: `2 files are in no commit: a.txt, b.txt`. Null: nothing, or nobody looked. The names are the agent's. */
export function leftOf({ left }: Inspection): string | null {
  if (left === undefined || left.count === 0) return null;
  const more = left.count - left.names.length;
  const names = `${left.names.map(shown).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return `${left.count} ${left.count === 1 ? 'file is' : 'files are'} in no commit: ${names}`;
}

/** Where commits are that the task's branch does not have. */
export function elsewhereOf(elsewhere: readonly Elsewhere[]): string {
  const named = elsewhere.map(({ branch, head }) => (branch === null ? head.slice(0, 12) : `${branch} (${head.slice(0, 12)})`));
  return elsewhere.every(({ branch }) => branch === null)
    ? `no change made: its commits (up to ${named.join(', ')}) were taken back and are on no branch`
    : `its commits are on ${named.join(', ')}, and not on the task’s branch`;
}

/** Work that was cut off; the names are the agent's. */
export const unfinishedOf = (works: readonly string[]): string =>
  `unfinished: work in the background was cut off: ${works.map(shown).join(', ')}`;

/** What could not be read is in no snapshot; the names are the agent's. */
export const unsavedOf = (what: string): string => `not all of its work is saved, so its worktree stays: ${shown(what)}`;

/** What a person should know of work that counts as done. */
export function besidesOf({ outcome, inspection, saved }: Pick<Settlement, 'outcome' | 'inspection' | 'saved'>): readonly string[] {
  const unfinished = outcome?.kind === 'done' ? (outcome.unfinished ?? []) : [];
  const left = inspection === undefined ? null : leftOf(inspection);
  const named = (inspection?.elsewhere ?? []).filter(({ branch }) => branch !== null);
  return [
    ...(unfinished.length === 0 ? [] : [unfinishedOf(unfinished)]),
    ...(left === null ? [] : [left]),
    ...(saved?.incomplete === undefined ? [] : [unsavedOf(saved.incomplete)]),
    ...(named.length === 0 ? [] : [`further commits are on ${named.map(({ branch }) => branch).join(', ')}`]),
  ];
}
