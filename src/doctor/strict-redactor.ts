import { homedir } from 'node:os';
import { redactor } from '../core/words/secrets.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Names of variables and settings whose values are nobody's business. */
const SECRET_NAME =
  /token|secret|passw|passphrase|pwd$|api_?key|private_?key|credential|cookie|session_?key|webhook|_key$|dsn$|connection_?string|(^|[_.-])auth($|[_.-])|authorization/i;
/** These name a variable, and no value. */
const NAMES_A_VARIABLE = /env$/i;
/** Values that say nothing of a secret, whatever their name. */
const PLAIN_VALUE = /^(true|false|null|yes|no|\d[\d.]*[a-zA-Z]{0,4}|\[redacted\]|~?\/\S*)$/;

const NAME = String.raw`\b([A-Za-z][\w.-]{0,60})`;
/** `"name": "value"`, `name: 'value'`, the same within a string, and `NAME=value`: name, what stands between, value, what ends it. */
const ASSIGNED: readonly RegExp[] = [
  new RegExp(String.raw`${NAME}(["']?\s*[:=]\s*")((?:[^"\\\n]|\\.)*)(")`, 'g'),
  new RegExp(String.raw`${NAME}(["']?\s*[:=]\s*')([^'\n]*)(')`, 'g'),
  new RegExp(String.raw`${NAME}(\\+["']\s*[:=]\s*\\+["'])([^"'\n\\]*)()`, 'g'),
  new RegExp(String.raw`${NAME}(\s*[:=]\s*)([^\s,;"'{}[\]\\]+)()`, 'g'),
];
const OTHERS: readonly (readonly [RegExp, string])[] = [
  // A login in an address, also one without a password: there the token is the name.
  [/(\b[a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@"']+@/gi, '$1[redacted]@'],
  [/\b((?:proxy-)?authorization|x-api-key|cookie|set-cookie)(["']?\s*[:=]\s*["']?)[^"'\n]+/gi, '$1$2[redacted]'],
  [/\b(bearer|basic)\s+[A-Za-z0-9+/_.=~-]{8,}/gi, '$1 [redacted]'],
  [/\bhttps:\/\/(?:discord(?:app)?\.com\/api\/webhooks|hooks\.[\w.-]+)\/[^\s"']+/g, '[redacted]'],
  [/([?&](?:access_token|token|key|sig|signature|secret|password)=)[^&\s"']+/gi, '$1[redacted]'],
];

/** Values of the environment that are secret by their name, in every form in which they may be written down. */
export function secretValues(env: Environment, named: readonly string[]): readonly string[] {
  const names = new Set(named);
  return Object.entries(env).flatMap(([name, value = '']) => {
    const isSecret = names.has(name) || (SECRET_NAME.test(name) && !NAMES_A_VARIABLE.test(name) && !PLAIN_VALUE.test(value));
    if (!isSecret || value.length < 4) return [];
    return [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1), ...base64Forms(value)];
  });
}

/** As it stands in a basic login, whatever stands before it: the middle is the same for one of three offsets. */
function base64Forms(value: string): readonly string[] {
  return [0, 1, 2].flatMap((offset) => {
    const text = Buffer.from(`${'x'.repeat(offset)}${value}`)
      .toString('base64')
      .replace(/={1,2}$/, '');
    // The characters at both ends mix with what stands beside them.
    return [text.slice(offset === 0 ? 0 : offset + 1, -1)];
  });
}

/**
 * For what is given to strangers: rather too much is taken out than too little. `named`: variables that hold secrets whatever they are
 * called. The person's home becomes `~`.
 */
export function strictRedactor(env: Environment, named: readonly string[]): (text: string) => string {
  const known = redactor(secretValues(env, named));
  const home = env.HOME ?? homedir();
  return (text) => {
    let clean = known(text);
    for (const pattern of ASSIGNED) clean = clean.replace(pattern, hideAssigned);
    for (const [pattern, rest] of OTHERS) clean = clean.replace(pattern, rest);
    return home.length > 1 ? clean.replaceAll(home, '~') : clean;
  };
}

function hideAssigned(whole: string, name: string, between: string, value: string, end: string): string {
  const isSecret = SECRET_NAME.test(name) && !NAMES_A_VARIABLE.test(name) && value !== '' && !PLAIN_VALUE.test(value);
  return isSecret ? `${name}${between}[redacted]${end}` : whole;
}
