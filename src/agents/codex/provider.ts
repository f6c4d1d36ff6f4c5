import { join } from 'node:path';
import { DOOR_PORT } from '../../engine/ports/machine/box.ts';
import { readPlainSync } from '../../files/open-plain.ts';
import type { ReadHome, ServiceRoute } from '../ground/kind.ts';
import type { AgentSettings } from '../ground/settings.ts';

const CONFIG = '.codex/config.toml';
const LOGIN = '.codex/auth.json';
const NAME = 'codex';
const API = 'https://api.openai.com/v1';
const SUBSCRIPTION = 'https://chatgpt.com/backend-api/codex';
/** What of the person's settings a worker in a box is given besides its provider. */
const CARRIED = ['model', 'model_reasoning_effort'];

const bearer = (name: string) => ({ name, header: 'authorization', before: 'Bearer ' });

/** Where Codex's model is, and what is sent there as a login: the provider that ~/.codex/config.toml names, else OpenAI's own. */
export function codexRoutes(readHome: ReadHome): readonly ServiceRoute[] {
  const config = topOf(readHome(CONFIG) ?? '');
  const own = config[`model_providers.${config.model_provider}.base_url`];
  if (own !== undefined) {
    const key = config[`model_providers.${config.model_provider}.env_key`];
    const variables = key === undefined ? [] : [bearer(key)];
    return [{ name: NAME, address: { variable: null, standard: own }, variables, file: null, isOpen: key === undefined }];
  }
  const login = readHome(LOGIN) ?? '';
  const file = { path: LOGIN, variable: 'OPENAI_API_KEY' };
  if (/"access_token"\s*:\s*"[^"]/.test(login))
    return [
      {
        ...{ name: NAME, address: { variable: null, standard: SUBSCRIPTION }, variables: [bearer('CODEX_API_KEY')] },
        file: { ...file, at: ['tokens', 'access_token'], also: { 'chatgpt-account-id': ['tokens', 'account_id'] } },
      },
    ];
  return [
    {
      ...{ name: NAME, address: { variable: null, standard: API }, variables: ['OPENAI_API_KEY', 'CODEX_API_KEY'].map(bearer) },
      file: { ...file, at: ['OPENAI_API_KEY'] },
    },
  ];
}

/** In a box Codex has none of the person's settings: its arguments say where its model is. None outside. */
export function insideArgs({ boxed, home, env, machine }: Pick<AgentSettings, 'boxed' | 'home' | 'env' | 'machine'>): readonly string[] {
  if (boxed !== true) return [];
  const readHome: ReadHome = (path) => textOf(join(home, path));
  const config = topOf(readHome(CONFIG) ?? '');
  const given = codexRoutes(readHome).flatMap(({ variables, file, isOpen }) => {
    const set = variables.find(({ name }) => env.includes(name) && (machine[name] ?? '') !== '')?.name;
    return isOpen === true ? [] : [set ?? file?.variable ?? variables[0]?.name];
  })[0];
  const provider = {
    ...{ name: NAME, base_url: `http://127.0.0.1:${DOOR_PORT}/${NAME}`, wire_api: 'responses' },
    ...(given === undefined ? {} : { env_key: given }),
  };
  const settings = {
    ...Object.fromEntries(CARRIED.flatMap((name) => (config[name] === undefined ? [] : [[name, config[name]]]))),
    ...{
      model_provider: 'tac8',
      ...Object.fromEntries(Object.entries(provider).map(([name, value]) => [`model_providers.tac8.${name}`, value])),
    },
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${JSON.stringify(value)}`]);
}

/** The plain texts of a TOML file by their whole names; what is written in another way is not seen. */
function topOf(toml: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  let table = '';
  for (const line of toml.split('\n')) {
    const head = /^\s*\[([\w."-]{1,200})\]\s*(?:#.*)?$/.exec(line);
    if (head !== null) table = `${(head[1] ?? '').replaceAll('"', '')}.`;
    else if (/^\s*\[/.test(line)) table = '?.';
    const pair = /^\s*([\w-]{1,100})\s*=\s*(?:"([^"\\]*)"|'([^']*)')/.exec(line);
    if (pair !== null) found[`${table}${pair[1]}`] = pair[2] ?? pair[3] ?? '';
  }
  return found;
}

function textOf(path: string): string | null {
  try {
    return readPlainSync(path, 1 << 20);
  } catch {
    return null; // not there
  }
}
