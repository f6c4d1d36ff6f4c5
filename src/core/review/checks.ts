/** What one check says of a commit, in the forge's own words: a check run of an app (GitHub Actions is one), or a commit status. */
export type CheckSeen =
  | { readonly kind: 'run'; readonly name: string; readonly status: string; readonly conclusion: string | null }
  | { readonly kind: 'status'; readonly name: string; readonly state: string };

/** The two lists that checks stand in; a token may have the right to read one and not the other. */
export type ChecksPart = 'check runs' | 'commit statuses';

/** All that is said of one commit. */
export interface CommitChecks {
  readonly checks: readonly CheckSeen[];
  /** The token may not read these: what is in them nobody knows. */
  readonly withheld: readonly ChecksPart[];
}

/** `other`: a word that tac8 does not know, which is neither good nor bad. */
export type Verdict = 'passed' | 'failing' | 'running' | 'other';

export interface ChecksSummary {
  readonly passed: number;
  readonly failing: number;
  readonly running: number;
  readonly other: number;
  /** Of those that fail, each once, in the order of the alphabet; the first few only. */
  readonly failingNames: readonly string[];
  readonly withheld: readonly ChecksPart[];
}

/** Names come from outside: so many of them, and so long, are kept. */
const NAMES = 10;
const NAME_LENGTH = 80;

const VERDICTS: ReadonlyMap<string, Verdict> = new Map([
  ...['success', 'neutral', 'skipped'].map((word) => [word, 'passed'] as const),
  ...['failure', 'error', 'timed_out', 'action_required', 'cancelled', 'startup_failure', 'stale'].map(
    (word) => [word, 'failing'] as const,
  ),
  ...['queued', 'in_progress', 'waiting', 'requested', 'pending'].map((word) => [word, 'running'] as const),
]);

/** A completed run is what it concluded; one without a conclusion says nothing. */
export function verdictOf(check: CheckSeen): Verdict {
  const word = check.kind === 'status' ? check.state : check.status === 'completed' ? (check.conclusion ?? '') : check.status;
  return VERDICTS.get(word) ?? 'other';
}

/** Both lists count alike: neither alone tells whether a pull is green. */
export function summariseChecks({ checks, withheld }: CommitChecks): ChecksSummary {
  const counts = { passed: 0, failing: 0, running: 0, other: 0 };
  const names = new Set<string>();
  for (const check of checks) {
    const verdict = verdictOf(check);
    counts[verdict] += 1;
    if (verdict === 'failing') names.add(shortened(check.name));
  }
  return { ...counts, failingNames: [...names].sort().slice(0, NAMES), withheld };
}

/** Whole characters: half of one would be no text. */
function shortened(name: string): string {
  const characters = [...name];
  return characters.length <= NAME_LENGTH ? name : `${characters.slice(0, NAME_LENGTH - 1).join('')}…`;
}

/** One word for all of them. `unknown`: nothing is seen, and a part of it may not be. */
export type ChecksWord = 'failing' | 'running' | 'passed' | 'none' | 'unknown';

export function wordOf({ passed, failing, running, other, withheld }: ChecksSummary): ChecksWord {
  if (failing > 0) return 'failing';
  if (running > 0) return 'running';
  // Green means that all is known to be green.
  if (other > 0 || withheld.length > 0) return 'unknown';
  return passed > 0 ? 'passed' : 'none';
}
