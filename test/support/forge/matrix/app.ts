import { openAppDesk } from '../../../../src/adapters/github/app/desk.ts';
import type { AppKey } from '../../../../src/adapters/github/app/key.ts';
import { createAppTokens } from '../../../../src/adapters/github/app/tokens.ts';
import { clickThrough } from '../make-app.ts';
import type { Place } from './place.ts';
import type { Read } from './reads.ts';

/*
 * What is asked as an App: whether it is installed, and tokens.
 */

/** Made and installed by a person at a browser. */
export async function makeApp(place: Place): Promise<AppKey> {
  const more = { site: new URL(place.github.url), organisation: null, webhook: null, fileOf: place.keyFile, askEvery: 20 };
  const desk = await openAppDesk({ ...place.options(), ...more });
  try {
    await clickThrough(desk.link);
    const key = await desk.made;
    await desk.installed;
    return key;
  } finally {
    await desk.close();
  }
}

const ask: Read['ask'] = async (_, { app }, place, timeoutMs) => {
  const tokens = createAppTokens({ ...place.options(timeoutMs), key: async () => app });
  return { token: typeof (await tokens.token()), login: await tokens.login() };
};

export const APP_READS: readonly Read[] = [
  { name: 'whether the App is installed', path: '/installation$', ask },
  { name: 'a token of the App', method: 'POST', path: '/access_tokens$', ask },
];
