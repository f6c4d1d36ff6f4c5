import { isFree, isPart, moneyWords } from '../limits/spend.ts';
import type { Run } from '../model/run.ts';
import type { Task } from '../model/task.ts';

/** An attempt at its end, as it is compared. */
export interface Attempt {
  readonly task: Task;
  /** Its last run; null: it never had one. */
  readonly run: Run | null;
}

/** Work that could be handed over. */
export const isGood = ({ task, run }: Attempt): boolean => task.state === 'completed' && run?.settlement.outcome?.kind === 'done';

/** Checked work before unchecked, the smaller change before the larger one, then the cheaper; of equals the one that the setting names first. */
export function inRank(attempts: readonly Attempt[]): readonly Attempt[] {
  return attempts.filter(isGood).toSorted((a, b) => unchecked(a) - unchecked(b) || sizeOf(a) - sizeOf(b) || dearer(a, b));
}

const unchecked = ({ run }: Attempt): number => (run?.settlement.verified?.ok === true ? 0 : 1);

const UNKNOWN = Number.MAX_SAFE_INTEGER;
function sizeOf({ run }: Attempt): number {
  const { lines, files } = run?.settlement.inspection ?? {};
  return lines ?? files?.count ?? UNKNOWN;
}

/** Only what both of them know is compared. */
function dearer({ task: a }: Attempt, { task: b }: Attempt): number {
  const [one, other] = [a.spent, b.spent];
  if (one === undefined || other === undefined || isFree(one) || isFree(other)) return 0;
  if (isPart(one) || isPart(other)) return 0;
  return one.usd - other.usd;
}

/** `gh-12.codex: pulls.verify passed, 2 files, 31 lines, $0.12`. */
export const attemptWords = (attempt: Attempt): string => `${attempt.task.id}: ${comparedOf(attempt)}`;

/** The same without its name. */
export const comparedOf = ({ task, run }: Attempt): string => [...fateOf({ task, run }), ...sizeWords(run), ...costWords(task)].join(', ');

function fateOf({ task, run }: Attempt): readonly string[] {
  if (task.state === 'failed') return [`${task.failure.type}: ${task.failure.message}`];
  if (task.state === 'blocked') return ['it asks a person'];
  if (task.state === 'pending') return [task.last === null ? 'it has not begun' : `it waits after ${task.last.type}`];
  const { verified } = run?.settlement ?? {};
  return [verified === undefined ? 'done' : verified.ok ? 'pulls.verify passed' : 'pulls.verify failed'];
}

function sizeWords(run: Run | null): readonly string[] {
  const { files, lines } = run?.settlement.inspection ?? {};
  if (files === undefined) return [];
  return [
    `${files.count} ${files.count === 1 ? 'file' : 'files'}`,
    ...(lines === undefined ? [] : [`${lines} ${lines === 1 ? 'line' : 'lines'}`]),
  ];
}

const costWords = ({ spent }: Task): readonly string[] => (spent === undefined || isFree(spent) ? [] : [moneyWords(spent)]);

/** Where the work of one that was not chosen is: its branch stays, and what was in no commit is saved. Null: it made none. */
export function keptOf({ task, run }: Attempt): string | null {
  const { inspection, saved } = run?.settlement ?? {};
  const head = inspection?.head ?? null;
  const kept = [
    ...(head === null || (inspection?.commits ?? 0) === 0 ? [] : [`refs/heads/${task.branch} at ${head.slice(0, 7)}`]),
    ...(saved?.ref ? [saved.ref] : []),
  ];
  return kept.length === 0 ? null : kept.join(' and ');
}

/** Why this one was chosen, and what became of the others. */
export function choiceWords(winner: Attempt, others: readonly Attempt[]): string {
  const rest = others.map((one) => {
    const kept = keptOf(one);
    return `${attemptWords(one)}${kept === null ? '' : ` (kept: ${kept})`}`;
  });
  return `${attemptWords(winner)}; not chosen: ${rest.join('; ')}`;
}
