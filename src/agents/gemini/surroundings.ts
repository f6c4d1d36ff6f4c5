import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPlainSync } from '../../files/open-plain.ts';
import type { Fields } from '../words/events.ts';
import { object } from '../words/fields.ts';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Its tools' git is given an empty global configuration, whatever its own environment names, and what the environment holds as single settings
 * is kept: by one of these the workers' configuration, with the name of whoever commits, is read all the same.
 */
export function gitIncluded({ GIT_CONFIG_GLOBAL: path, GIT_CONFIG_COUNT: count = '0' }: Env): Readonly<Record<string, string>> {
  if (path === undefined) return {};
  const n = Number(count);
  return { GIT_CONFIG_COUNT: String(n + 1), [`GIT_CONFIG_KEY_${n}`]: 'include.path', [`GIT_CONFIG_VALUE_${n}`]: path };
}

/** It tries ten times by itself, for minutes, and says so nowhere before the end; what tac8 tries again is in its log. */
const ATTEMPTS = 3;

/**
 * The settings of a task: the person's own, with those that a worker needs where the person has none. The repository's count only by setting:
 * its hooks and tool servers would run without anyone being asked, which Gemini does not do in a folder that nobody trusts.
 */
export function settingsOf(person: Fields, isTrusted: boolean, env: Env): object {
  const [general, security] = [object(person.general), object(person.security)];
  const auth = loginOf(env);
  return {
    ...person,
    general: { enableAutoUpdate: false, enableAutoUpdateNotification: false, maxAttempts: ATTEMPTS, ...general },
    security: {
      ...security,
      auth: { ...(auth === null ? {} : { selectedType: auth }), ...object(security?.auth) },
      folderTrust: { ...object(security?.folderTrust), ...(isTrusted ? {} : { enabled: true }) },
    },
  };
}

/** With a key alone it would ask how to log in. */
const loginOf = (env: Env): string | null => {
  if (env.GOOGLE_GENAI_USE_VERTEXAI === 'true') return 'vertex-ai';
  return env.GEMINI_API_KEY === undefined ? null : 'gemini-api-key';
};

/** Writes them into the task's home. `person`: the home of whoever runs tac8, as far as it is in sight. */
export function writeSettings(home: string, person: string | undefined, isTrusted: boolean, env: Env): void {
  const path = join(home, '.gemini/settings.json');
  mkdirSync(join(home, '.gemini'), { recursive: true });
  rmSync(path, { force: true });
  writeFileSync(
    path,
    JSON.stringify(settingsOf(person === undefined ? {} : readJson(join(person, '.gemini/settings.json')), isTrusted, env)),
  );
}

/** Gemini allows comments in it. */
function readJson(path: string): Fields {
  try {
    const text = readPlainSync(path, 1 << 20);
    return (
      object(
        JSON.parse(text.replaceAll(/("(?:[^"\\\n]|\\.)*")|\/\/[^\n]*|\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\//g, (_, word?: string) => word ?? '')),
      ) ?? {}
    );
  } catch {
    return {};
  }
}
