import * as z from 'zod/mini';
import type { Ms } from '../../core/model/seen.ts';
import { DURATION_PATTERN, parseDuration } from './durations.ts';
import { COUNT_PATTERN, parseCount, parseSize, SIZE_PATTERN } from './sizes.ts';

/*
 * The kinds of values in tac8.yaml. The message of every check says what is allowed, and nothing else: where it is and
 * what stands there is added by problems.ts.
 */

const DURATION = 'a duration with its unit, such as 500ms, 30s, 15m, 2h or 7d';
const SIZE = 'a size with its unit, such as 512MiB, 2GiB or 100MB';
const COUNT = 'a whole number from 1 up, also written 500k or 25M';

/** A kind of value: what it is read as, and what is written. */
type Kind<Read, Written = Read> = z.ZodMiniType<Read, Written>;

/** A setting with its default, and a sentence on it for the published schema. */
export const setting = <T extends Kind<unknown>>(kind: T, standard: z.input<T>, about: string) =>
  needed(z.prefault(kind, standard as z.util.NoUndefined<z.input<T>>), about);

/** A setting that may be left out. */
export const optional = <T extends Kind<unknown>>(kind: T, about: string) => needed(z.optional(kind), about);

/** A setting that has to be written, or that has its default already. */
export function needed<T extends Kind<unknown>>(kind: T, about: string): T {
  const described: z.core.$ZodType = kind;
  z.globalRegistry.add(described, { description: about });
  return kind;
}

/** Read as milliseconds. */
export function duration(least: string): Kind<Ms, string> {
  const minimum = parseDuration(least) ?? 0;
  return z
    .pipe(
      z.string(DURATION).check(z.regex(DURATION_PATTERN, DURATION)),
      z.transform((text) => parseDuration(text) ?? 0),
    )
    .check(z.refine((ms) => ms >= minimum && ms <= Number.MAX_SAFE_INTEGER, `a duration of at least ${least}`));
}

/** Read as bytes. */
export const size = (): Kind<number, string> =>
  z.pipe(
    z.string(SIZE).check(z.regex(SIZE_PATTERN, SIZE)),
    z.transform((text) => parseSize(text) ?? 0),
  );

export const count = (): Kind<number, number | string> =>
  z
    .pipe(
      z.union([z.int(COUNT).check(z.minimum(1, COUNT)), z.string(COUNT).check(z.regex(COUNT_PATTERN, COUNT))], COUNT),
      z.transform((value) => (typeof value === 'string' ? (parseCount(value) ?? 0) : value)),
    )
    .check(z.refine((value) => value >= 1 && Number.isSafeInteger(value), COUNT));

export const integer = (least: number, most: number): Kind<number> => {
  const allowed = `a whole number from ${least} to ${most}`;
  return z.int(allowed).check(z.minimum(least, allowed), z.maximum(most, allowed));
};

export const dollars = (): Kind<number> => above('dollars as a number above 0, such as 10 or 2.50');

/** A price that may be nothing. */
export const dollarsOrNone = (): Kind<number> => {
  const allowed = 'dollars as a number, such as 2.50';
  return z.number(allowed).check(z.gte(0, allowed), z.lte(1e6, allowed));
};

/** Any number above 0. */
export const above = (allowed: string): Kind<number> => z.number(allowed).check(z.gt(0, allowed));

export const flag = (): Kind<boolean> => z.boolean('true or false');

/** One line of text with something in it; `fits` narrows it further. */
export const line = (allowed: string, fits: (text: string) => boolean = () => true): Kind<string> =>
  z.string(allowed).check(z.refine((text) => text.trim() !== '' && !/[\u0000-\u001f\u007f]/.test(text) && fits(text), allowed));

export const choice = <const T extends readonly [string, ...string[]]>(values: T): z.ZodMiniEnum<{ [K in T[number]]: K }> =>
  z.enum(values, values.join(' or '));

/** The name of an environment variable; a secret pasted in its place is told apart and never shown. */
export const variable = (): Kind<string> => {
  const allowed = 'the name of an environment variable, such as GITHUB_TOKEN';
  return z.string(allowed).check(
    z.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, allowed),
    z.refine(
      (text) => !looksSecret(text),
      'the name of an environment variable, not the secret itself (take it out of this file and of its history)',
    ),
  );
};

export const looksSecret = (text: string): boolean => /(ghp|gho|ghu|ghs|ghr|github_pat|sk-ant|xox[bpars])[_-]\w{10,}/.test(text);

/** A path from the repository's root that stays inside it, and out of git's folder and ours. */
export const inside = (): Kind<string> =>
  line('a path below the repository’s root, such as trees or build/trees, outside .git and .tac8', (text) => {
    const parts = text.replace(/(?<!\/)\/+$/, '').split('/');
    return parts.every((part) => part !== '' && part !== '.' && part !== '..') && !['.git', '.tac8'].includes(parts[0] ?? '');
  });

export const webAddress = (): Kind<string> =>
  line('an http:// or https:// address', (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol));

/** What `git check-ref-format` takes at the start of a branch name. */
export const branchPrefix = (): Kind<string> =>
  line('the start of a branch name, such as auto/ or bots/tac8-', (text) => isBranch(`${text}gh-1`));

export const branchTemplate = (): Kind<string> =>
  line('{task} first, and behind it words with dashes between them, such as {task}-{title}', (text) =>
    /^\{task\}(?:-\{title\}|-[a-z][a-z0-9]*)*$/.test(text),
  );

export const branchName = (): Kind<string> => line('a branch name', isBranch);

function isBranch(name: string): boolean {
  const refused = /[ ~^:?*[\\]|\.\.|@\{|\/\/|^[-/]|[/.]$/;
  return !refused.test(name) && name !== '@' && name.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'));
}
