import type { ServiceRoute } from './kind.ts';

const bearer = (name: string) => ({ name, header: 'authorization', before: 'Bearer ' });

/** Services that programs of any kind ask, each where its usual variables say. */
export const SERVICES: readonly ServiceRoute[] = [
  {
    name: 'anthropic',
    address: { variable: 'ANTHROPIC_BASE_URL', standard: 'https://api.anthropic.com' },
    variables: [{ name: 'ANTHROPIC_API_KEY', header: 'x-api-key', before: '' }, bearer('ANTHROPIC_AUTH_TOKEN')],
    file: null,
  },
  {
    name: 'openai',
    address: { variable: 'OPENAI_BASE_URL', standard: 'https://api.openai.com/v1' },
    variables: [bearer('OPENAI_API_KEY')],
    file: null,
  },
  {
    name: 'openrouter',
    address: { variable: 'OPENROUTER_BASE_URL', standard: 'https://openrouter.ai/api/v1' },
    variables: [bearer('OPENROUTER_API_KEY')],
    file: null,
  },
  {
    name: 'google',
    address: { variable: 'GOOGLE_GEMINI_BASE_URL', standard: 'https://generativelanguage.googleapis.com' },
    variables: [{ name: 'GEMINI_API_KEY', header: 'x-goog-api-key', before: '' }],
    file: null,
  },
];
