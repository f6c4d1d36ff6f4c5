import { loginsIn, loginsRemedy, loginsWords } from '../../adapters/git/view/logins.ts';
import { addressWords, asWritten, heldWords, remoteMemory } from '../../compose/forge-address.ts';
import { SILENT } from '../../compose/log.ts';
import { addressNow, type Meaning, meaningNow } from '../../compose/remote/meaning.ts';
import { composeWorkspaces } from '../../compose/workspaces.ts';
import type { Settings } from '../../config/settings.ts';
import type { Place } from '../../place/place.ts';
import { openForReading } from '../../read/open.ts';
import { about, type Finding } from '../finding/finding.ts';
import type { Environment } from '../finding/patient.ts';

/** What the addresses that count say of the forge; before the first start, those that would be kept. */
export async function remoteAt(place: Place, env: Environment): Promise<Meaning> {
  const store = openForReading(place);
  try {
    const kept = store.fact('remote');
    return kept === null ? await meaningNow(place, env) : { origin: kept.origin, head: kept.head ?? kept.push };
  } finally {
    store.close();
  }
}

const meantWords = (fetch: string, origin: string | null): string => (origin === null || origin === fetch ? '' : `, which is ${origin}`);

const NONE = 'no remote: work stays here';

/** Whether git's settings still name the address that counts, and hold nobody's login. */
export async function checkRemote(place: Place, settings: Settings, env: Environment): Promise<readonly Finding[]> {
  const { ok, warn } = about('remote', 'Work is fetched from there and pushed to there; every worker can write git’s settings.');
  const logins = await loginsIn(place.gitDir);
  const shown = logins.length === 0 ? [] : [warn(loginsWords(logins), loginsRemedy(logins))];
  const store = openForReading(place);
  try {
    const pinned = store.fact('remote');
    if (pinned === null) {
      const [now, { origin }] = [await addressNow(place, env), await meaningNow(place, env)];
      return [
        ...shown,
        ok(now.fetch === null ? NONE : `${addressWords(now)}${meantWords(now.fetch, origin)}: kept from the first start on`),
      ];
    }
    const spaces = composeWorkspaces(
      { ...place, settings },
      { access: null, memory: remoteMemory(store, asWritten(place.gitDir), false), log: SILENT, env: {} },
    );
    const held = heldWords(pinned, await spaces.named());
    if (held !== null) return [...shown, warn(held, '`tac8 remote accept`, or put the old address back with `git remote set-url`')];
    return [...shown, ok(pinned.fetch === null ? NONE : `${addressWords(pinned)}${meantWords(pinned.fetch, pinned.origin)}`)];
  } finally {
    store.close();
  }
}
