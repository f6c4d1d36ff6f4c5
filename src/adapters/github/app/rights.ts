/** What tac8 needs of a repository, and no more: what its App asks for, and what `doctor` looks for. */
export const RIGHTS = {
  contents: 'write',
  issues: 'write',
  pull_requests: 'write',
  checks: 'read',
  statuses: 'read',
  actions: 'read',
  metadata: 'read',
} as const;

export type Granted = Readonly<Record<string, string | undefined>>;

const RANKS = ['read', 'write', 'admin'];
const covers = (has: string | undefined, needed: string): boolean => RANKS.indexOf(has ?? '') >= RANKS.indexOf(needed);

/** Of these rights those that tac8 needs and that were granted: a token is asked for with these alone. */
export const narrowed = (granted: Granted): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(RIGHTS).filter(([right, least]) => covers(granted[right], least)));

/** What is missing, as `issues: write`. */
export const missingRights = (granted: Granted): readonly string[] =>
  Object.entries(RIGHTS).flatMap(([right, least]) => (covers(granted[right], least) ? [] : [`${right}: ${least}`]));
