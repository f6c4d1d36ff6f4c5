import { resolve } from 'node:path';
import { readSettings } from '../view/config-text.ts';
import { type Hands, leadsTo } from './hands.ts';

/** More than anybody names. */
const MOST = 64;

/** The files that settings include, whatever the condition. Relative ones are beside the settings. */
export function includesIn(text: string, folder: string): readonly string[] {
  const named = (readSettings(text) ?? []).flatMap(([key, value]) =>
    /^include(?:if\..*)?\.path$/s.test(key) && value !== '' ? [value] : [],
  );
  return named.slice(-MOST).map((path) => resolve(folder, path.replace(/^~(?=\/)/, process.env.HOME ?? '~')));
}

/** Each git that reads the settings would wait there: that of every worker, and a person's. */
export async function mendIncludes(paths: readonly string[], hands: Hands): Promise<void> {
  for (const path of paths) {
    if (leadsTo(path)?.isFIFO() !== true) continue;
    hands.letGo(path);
    await hands.attempt(() => hands.takeAway(path, 'a named pipe, which holds whoever opens it'));
  }
}
