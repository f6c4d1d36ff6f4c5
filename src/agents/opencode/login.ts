import type { LoginPort, Logins, Verdict } from '../ground/kind.ts';
import { LOGIN_FILE as FILE } from './services.ts';

const HOMES = [FILE, '.config/opencode'];

/** Its login and its settings alone: each task has a store of conversations of its own. */
export const LOGINS: Logins = { programs: { opencode: HOMES }, otherwise: HOMES, files: [FILE] };

const KEYS = /_(?:API_KEY|TOKEN)$/;

/** Whether a worker will have a login, as far as that can be seen without asking the model. */
export function opencodeLogin({ isSet, passedOn, readHome }: LoginPort): Verdict {
  if ((readHome(FILE) ?? '').includes('{"') || (readHome(FILE) ?? '').includes('":'))
    return { level: 'ok', says: `OpenCode is logged in (~/${FILE})`, mend: null };
  const key = passedOn.find((name) => KEYS.test(name) && isSet(name));
  if (key !== undefined) return { level: 'ok', says: `$${key} is set and passed on`, mend: null };
  const settings = readHome('.config/opencode/opencode.json') ?? readHome('.config/opencode/opencode.jsonc') ?? '';
  if (settings.includes('"provider"'))
    return { level: 'unknown', says: '~/.config/opencode names a provider; whether it has a login is not known', mend: 'try it by hand' };
  return {
    level: 'bad',
    says: 'no login of OpenCode was found',
    mend: 'run `opencode auth login` once, or export the key of your provider',
  };
}
