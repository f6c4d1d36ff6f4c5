import type * as z from 'zod/mini';
import { looksSecret } from '../schema/fields.ts';
import { meant } from '../schema/names.ts';

export type ConfigPath = readonly (string | number)[];

/** One thing that is wrong in tac8.yaml. */
export interface ConfigProblem {
  /** `routes[0].when.priority`; empty for the file as a whole. */
  readonly path: string;
  /** From 1; null where there is no place in the file. */
  readonly line: number | null;
  readonly column: number | null;
  /** What is wrong, with the value and what is allowed. */
  readonly message: string;
}

export const pathText = (path: ConfigPath): string =>
  path.map((step, n) => (typeof step === 'number' ? `[${step}]` : n === 0 ? step : `.${step}`)).join('');

/** The value as a person wrote it, shortened; secrets are not repeated. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (looksSecret(text)) return '(a secret)';
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** A found problem before its line is looked up. */
export interface Finding {
  readonly path: ConfigPath;
  readonly message: string;
}

/** Zod's issues in our words; each unknown name is a finding of its own. `written`: the value at a path, as in the file. */
export function findings(issues: readonly z.core.$ZodIssue[], written: (path: ConfigPath) => unknown): Finding[] {
  return issues.flatMap((issue): Finding[] => {
    const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => {
        const guess = meant(key, path);
        return { path: [...path, key], message: `unknown name${guess === null ? '' : `; did you mean ${guess}?`}` };
      });
    }
    const wanted = issue.code === 'invalid_type' && issue.expected === 'object' ? 'names with values below it' : issue.message;
    const value = written(path);
    if (value === undefined) return [{ path, message: `is missing: write ${wanted}` }];
    return [{ path, message: `${shown(value)} is not allowed: write ${wanted}` }];
  });
}

/** For people: how many, then one line each with its place in the file. */
export function renderProblems(problems: readonly ConfigProblem[], file = 'tac8.yaml'): string {
  const head = problems.length === 1 ? `${file} has 1 problem:` : `${file} has ${problems.length} problems:`;
  const lines = problems.map(({ path, line, column, message }) => {
    const place = line === null ? '' : `line ${line}${column === null ? '' : `:${column}`}  `;
    return `  ${place}${path === '' ? '' : `${path}: `}${message}`;
  });
  return [head, ...lines].join('\n');
}
