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

/** Nothing shorter is taken out, `a://:b@` among it: most texts of an event are a word. */
const LEAST = 7;

/** In none of the shapes above without one of these: most texts are looked through no further. */
const SIGNS = /gh[pousr]_|github_pat_|glpat-|npm_|sk-|xox|AIza|AKIA|ASIA|eyJ|PRIVATE KEY|:\/\/|authorization/i;

/**
 * Takes keys and tokens out of a text: those of known shapes, and these `values` wherever they stand. What looks like none and is
 * not among the values stays.
 */
export function redactor(values: readonly string[]): (text: string) => string {
  const known = [...new Set(values.map((value) => value.trim()))]
    .filter((value) => value.length >= SHORTEST)
    .sort((a, b) => b.length - a.length);
  return (text) => {
    if (text.length < LEAST) return text;
    let clean = text;
    for (const value of known) clean = clean.replaceAll(value, REDACTED);
    if (!SIGNS.test(clean)) return clean;
    for (const shape of SHAPES) clean = clean.replace(shape, REDACTED);
    for (const [pattern, rest] of BEHIND) clean = clean.replace(pattern, rest);
    return clean;
  };
}

const REDACTED = '[redacted]';

/** The same value with each text in it taken through `redact`, before a form cuts or escapes it. What holds nothing to take out stays the same object. */
export function redactedIn<T>(value: T, redact: (text: string) => string): T {
  if (typeof value === 'string') return redact(value) as typeof value;
  if (value === null || typeof value !== 'object') return value;
  const whole = value as Record<string, unknown>;
  let clean: Record<string, unknown> | null = null;
  for (const name of Object.keys(whole)) {
    const part = whole[name];
    const own = redactedIn(part, redact);
    if (own === part) continue;
    clean ??= (Array.isArray(value) ? [...(value as unknown[])] : { ...whole }) as Record<string, unknown>;
    Object.defineProperty(clean, name, { value: own, enumerable: true, configurable: true, writable: true });
  }
  return (clean ?? value) as typeof value;
}
