import { messageOf } from '../../core/words/message-of.ts';
/** `ok`: as it should be; `warn`: tac8 works, and something should be looked at; `bad`: it cannot work like this; `unknown`: nobody could tell. */
export type Level = 'ok' | 'warn' | 'bad' | 'unknown';

/** What one look found. */
export interface Finding {
  /** A stable name, for `--json`: `git`, `label`, `agent-login`. */
  readonly check: string;
  readonly level: Level;
  /** What was seen, with its value, one sentence. */
  readonly says: string;
  /** Why it matters. */
  readonly why: string;
  /** The command or the step that mends it; null: nothing to mend, or nobody knows how. */
  readonly mend: string | null;
  /** What `--fix` can do about it. */
  readonly fix: Fix | null;
}

/** Never loses work: what it takes away is moved aside or saved first. */
export interface Fix {
  /** What it would do, one sentence in the infinitive. */
  readonly what: string;
  /** Does it; answers what happened. Throws when it did not work. */
  apply(): Promise<string>;
}

/** Findings of one check, each in one line. */
export function about(check: string, why: string) {
  const base = { check, why, mend: null, fix: null };
  return {
    ok: (says: string): Finding => ({ ...base, level: 'ok', says }),
    warn: (says: string, mend: string | null, fix: Fix | null = null): Finding => ({ ...base, level: 'warn', says, mend, fix }),
    bad: (says: string, mend: string | null, fix: Fix | null = null): Finding => ({ ...base, level: 'bad', says, mend, fix }),
    unknown: (says: string, mend: string | null = null): Finding => ({ ...base, level: 'unknown', says, mend }),
  };
}

/** A question about the machine, the repository or the forge. It looks and changes nothing. */
export interface Check {
  /** Shown when it does not answer. */
  readonly name: string;
  /** In ms; 15 s where it is left out. */
  readonly limit?: number;
  look(): Promise<readonly Finding[]>;
}

const LIMIT = 15_000;

/** All at once, in the order of the list. One that fails or takes too long is unknown, and says why. */
export function runChecks(checks: readonly Check[]): Promise<readonly Finding[]> {
  return Promise.all(checks.map(runOne)).then((all) => all.flat());
}

async function runOne(check: Check): Promise<readonly Finding[]> {
  const { promise: late, resolve } = Promise.withResolvers<readonly Finding[]>();
  const { unknown } = about(check.name, 'It was not answered.');
  const limit = check.limit ?? LIMIT;
  const timer = setTimeout(() => resolve([unknown(`no answer within ${limit / 1000} s`)]), limit);
  try {
    return await Promise.race([check.look(), late]);
  } catch (error) {
    const hint = typeof error === 'object' && error !== null && 'hint' in error ? String(error.hint) : '';
    return [unknown(messageOf(error), hint === '' ? null : hint)];
  } finally {
    clearTimeout(timer);
  }
}
