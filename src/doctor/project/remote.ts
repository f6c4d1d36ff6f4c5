import { loginsIn, loginsRemedy, loginsWords } from '../../adapters/git/view/logins.ts';
import { heldWords, pinnedOrigin, remoteMemory } from '../../compose/forge-address.ts';
import { SILENT } from '../../compose/log.ts';
import { composeWorkspaces } from '../../compose/workspaces.ts';
import type { Settings } from '../../config/settings.ts';
import type { Place } from '../../place/place.ts';
import { openForReading } from '../../read/open.ts';
import { about, type Finding } from '../finding/finding.ts';

/** The origin that counts: see pinnedOrigin. */
export function originAt(place: Place): string | null {
  const store = openForReading(place);
  try {
    return pinnedOrigin(store, place.gitDir);
  } finally {
    store.close();
  }
}

/** Whether git's settings still name the address that counts, and hold nobody's login. */
export async function checkRemote(place: Place, settings: Settings): Promise<readonly Finding[]> {
  const { ok, warn } = about('remote', 'Work is fetched from there and pushed to there; every worker can write git’s settings.');
  const logins = await loginsIn(place.gitDir);
  const shown = logins.length === 0 ? [] : [warn(loginsWords(logins), loginsRemedy(logins))];
  const store = openForReading(place);
  try {
    const pinned = store.fact('remote');
    if (pinned === null) return [...shown, ok('the address of origin is kept from the first start on')];
    const spaces = composeWorkspaces(
      { ...place, settings },
      { access: null, memory: remoteMemory(store, place.gitDir, false), log: SILENT, env: {} },
    );
    const held = heldWords(pinned, await spaces.named());
    if (held !== null) return [...shown, warn(held, '`tac8 remote accept`, or put the old address back with `git remote set-url`')];
    return [...shown, ok(pinned.fetch ?? 'no remote: work stays here')];
  } finally {
    store.close();
  }
}
