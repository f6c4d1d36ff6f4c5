/** Keys and tokens by the shapes that their makers gave them. */
const SHAPES: readonly RegExp[] = [
  /\b(?:gh[pousr]_[A-Za-z0-9_.-]{10,}|github_pat_[A-Za-z0-9_]{10,}|glpat-[A-Za-z0-9_-]{10,}|npm_[A-Za-z0-9]{20,})/g,
  /\b(?:sk-ant-[A-Za-z0-9_-]{10,}|sk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{20,}|xox[abeprs]-[A-Za-z0-9-]{10,}|AIza[A-Za-z0-9_-]{30,})/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\bhttps:\/\/hooks\.slack\.com\/services\/[A-Za-z0-9/_-]+/g,
];
/** Passwords in addresses, and what stands behind a word that announces a login. */
const BEHIND: readonly (readonly [RegExp, string])[] = [
  [/(\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@]*:)[^\s/@]+@/gi, '$1[redacted]@'],
  [/\b(authorization["']?\s*[:=]\s*["']?(?:bearer|basic|token)\s+)[^\s"',;]+/gi, '$1[redacted]'],
];
/** Shorter ones are words that stand anywhere. */
const SHORTEST = 8;

/**
 * Takes keys and tokens out of a text: those of known shapes, and these `values` wherever they stand. What looks like none and is
 * not among the values stays.
 */
export function redactor(values: readonly string[]): (text: string) => string {
  const known = [...new Set(values.map((value) => value.trim()))]
    .filter((value) => value.length >= SHORTEST)
    .sort((a, b) => b.length - a.length);
  return (text) => {
    let clean = text;
    for (const value of known) clean = clean.replaceAll(value, REDACTED);
    for (const shape of SHAPES) clean = clean.replace(shape, REDACTED);
    for (const [pattern, rest] of BEHIND) clean = clean.replace(pattern, rest);
    return clean;
  };
}

const REDACTED = '[redacted]';
