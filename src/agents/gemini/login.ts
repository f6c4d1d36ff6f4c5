import type { LoginPort, Logins, Verdict } from '../ground/kind.ts';

const FILE = '.gemini/oauth_creds.json';
const HOMES = [FILE, '.gemini/google_accounts.json', '.gemini/settings.json', '.gemini/.env', '.gemini/GEMINI.md'];

/** Its login and its settings alone: each task has a store of conversations of its own. The client of a run puts settings in place of these. */
export const LOGINS: Logins = { programs: { gemini: HOMES }, otherwise: HOMES, files: [FILE] };

const KEYS = ['GEMINI_API_KEY', 'GOOGLE_API_KEY'];

/** Whether a worker will have a login, as far as that can be seen without asking the model. */
export function geminiLogin({ isSet, passedOn, readHome }: LoginPort): Verdict {
  const key = KEYS.find((name) => isSet(name) && passedOn.includes(name));
  if (key !== undefined) return { level: 'ok', says: `$${key} is set and passed on`, mend: null };
  if ((readHome(FILE) ?? '').includes('token')) return { level: 'ok', says: `Gemini is logged in (~/${FILE})`, mend: null };
  const kept = KEYS.find(isSet);
  if (kept !== undefined)
    return { level: 'bad', says: `$${kept} is set, but not passed on to the agent`, mend: `add ${kept} to agent.env in tac8.yaml` };
  return { level: 'bad', says: 'no login of Gemini was found', mend: 'export GEMINI_API_KEY=…, or run `gemini` once and log in' };
}
