import { DOOR_PORT } from '../../engine/ports/machine/box.ts';
import type { ReadHome, ServiceRoute } from '../ground/kind.ts';
import { object, parseObject, string } from '../words/fields.ts';

/** Where `opencode auth login` keeps what it was given. */
export const LOGIN_FILE = '.local/share/opencode/auth.json';

interface Provider {
  /** As OpenCode calls it. */
  readonly id: string;
  /** Some are known to its libraries, the others to tac8 alone: what it is told of itself names them all. */
  readonly address: string;
  readonly standard: string;
  readonly keys: readonly string[];
  readonly header: string;
  readonly before: string;
}

const bearer = { header: 'authorization', before: 'Bearer ' } as const;
const PROVIDERS: readonly Provider[] = [
  {
    ...{ id: 'anthropic', address: 'ANTHROPIC_BASE_URL', standard: 'https://api.anthropic.com/v1' },
    ...{ keys: ['ANTHROPIC_API_KEY'], header: 'x-api-key', before: '' },
  },
  { id: 'openai', address: 'OPENAI_BASE_URL', standard: 'https://api.openai.com/v1', keys: ['OPENAI_API_KEY'], ...bearer },
  { id: 'openrouter', address: 'OPENROUTER_BASE_URL', standard: 'https://openrouter.ai/api/v1', keys: ['OPENROUTER_API_KEY'], ...bearer },
  {
    ...{ id: 'google', address: 'GOOGLE_GENERATIVE_AI_BASE_URL', standard: 'https://generativelanguage.googleapis.com/v1beta' },
    ...{ keys: ['GOOGLE_GENERATIVE_AI_API_KEY', 'GEMINI_API_KEY'], header: 'x-goog-api-key', before: '' },
  },
  { id: 'opencode', address: 'OPENCODE_ZEN_BASE_URL', standard: 'https://opencode.ai/zen/v1', keys: ['OPENCODE_API_KEY'], ...bearer },
];

/** The services that OpenCode asks: with a key of the environment, or one that it was given by hand. The version stands in their addresses, as its libraries have it. */
export function opencodeRoutes(readHome: ReadHome): readonly ServiceRoute[] {
  const kept = parseObject(readHome(LOGIN_FILE) ?? '') ?? {};
  return PROVIDERS.map(({ id, address, standard, keys: [first = '', ...more], header, before }) => {
    const hasKept = before !== '' && string(object(kept[id])?.key) !== null;
    return {
      ...{ name: id, address: { variable: address, standard } },
      variables: [first, ...more].map((name) => ({ name, header, before })),
      file: hasKept ? { path: LOGIN_FILE, at: [id, 'key'], variable: first } : null,
    };
  });
}

/** In a box: where its providers are, in the words of its settings. Nothing outside of one. */
export const providersIn = (
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, { options: { baseURL: string } }>> =>
  Object.fromEntries(
    PROVIDERS.filter(({ address }) => env[address]?.startsWith(`http://127.0.0.1:${DOOR_PORT}/`)).map(({ id, address }) => [
      id,
      { options: { baseURL: `{env:${address}}` } },
    ]),
  );
