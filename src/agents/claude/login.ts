import type { LoginPort, Logins, ServiceRoute, Verdict } from '../ground/kind.ts';

const HOME = ['.claude', '.claude.json'];

export const LOGINS: Logins = { programs: { claude: HOME }, otherwise: HOME, files: ['.claude/.credentials.json'] };

/** Its model, by the key or the token that it would have sent itself. */
export const MODEL: ServiceRoute = {
  name: 'model',
  address: { variable: 'ANTHROPIC_BASE_URL', standard: 'https://api.anthropic.com' },
  variables: [
    { name: 'ANTHROPIC_API_KEY', header: 'x-api-key', before: '' },
    { name: 'ANTHROPIC_AUTH_TOKEN', header: 'authorization', before: 'Bearer ' },
    { name: 'CLAUDE_CODE_OAUTH_TOKEN', header: 'authorization', before: 'Bearer ' },
  ],
  file: {
    ...{ path: '.claude/.credentials.json', at: ['claudeAiOauth', 'accessToken'], variable: 'CLAUDE_CODE_OAUTH_TOKEN' },
    // As the program itself does it, with its own lock: address and client are those in its bundle.
    renewal: {
      ...{ to: 'https://platform.claude.com/v1/oauth/token', client: '9d1c250a-e61b-44d9-88ed-5944d1962f5e', lock: '.claude.lock' },
      at: {
        token: ['claudeAiOauth', 'accessToken'],
        again: ['claudeAiOauth', 'refreshToken'],
        until: ['claudeAiOauth', 'expiresAt'],
        scopes: ['claudeAiOauth', 'scopes'],
      },
    },
  },
  settings: { path: '.claude/settings.json', at: 'env' },
};

/** Variables by which it logs in, or is sent to another provider. */
const VARIABLES = [
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
  'CLAUDE_CODE_OAUTH_TOKEN',
  'CLAUDE_CODE_USE_BEDROCK',
  'CLAUDE_CODE_USE_VERTEX',
];

/** Whether a worker will have a login, as far as that can be seen without asking the model. */
export function claudeLogin({ isSet, passedOn, readHome, platform }: LoginPort): Verdict {
  const given = VARIABLES.find((name) => isSet(name) && passedOn.includes(name));
  if (given !== undefined) return { level: 'ok', says: `$${given} is set and passed on (\`tac8 doctor --probe\` tries it)`, mend: null };
  const kept = loginInHome(readHome);
  if (kept !== null) return { level: 'ok', says: `${kept} (\`tac8 doctor --probe\` tries it)`, mend: null };
  const held = VARIABLES.find(isSet);
  if (held !== undefined)
    return { level: 'bad', says: `$${held} is set, but not passed on to the agent`, mend: `add ${held} to agent.env in tac8.yaml` };
  if (platform === 'darwin') return { level: 'unknown', says: 'a login may be in the keychain', mend: 'tac8 doctor --probe' };
  return { level: 'bad', says: 'no login of Claude Code was found', mend: 'export ANTHROPIC_API_KEY=…, or run `claude` once and log in' };
}

function loginInHome(readHome: LoginPort['readHome']): string | null {
  if (holdsToken(readHome('.claude/.credentials.json') ?? '')) return 'Claude Code is logged in (~/.claude/.credentials.json)';
  const settings = readHome('.claude/settings.json') ?? '';
  if (/"(apiKeyHelper|ANTHROPIC_API_KEY|ANTHROPIC_AUTH_TOKEN|CLAUDE_CODE_USE_(BEDROCK|VERTEX))"/.test(settings))
    return '~/.claude/settings.json names a login';
  return null;
}

/** `{"claudeAiOauth":{"accessToken":"…","refreshToken":"…",…}}`, as `claude` writes it when a person logs in. */
function holdsToken(text: string): boolean {
  try {
    const kept: unknown = JSON.parse(text);
    if (typeof kept !== 'object' || kept === null || !('claudeAiOauth' in kept)) return false;
    const login = kept.claudeAiOauth;
    if (typeof login !== 'object' || login === null) return false;
    const { accessToken, refreshToken } = login as { readonly accessToken?: unknown; readonly refreshToken?: unknown };
    return [accessToken, refreshToken].some((token) => typeof token === 'string' && token !== '');
  } catch {
    return false;
  }
}
