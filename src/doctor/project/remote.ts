import { homedir } from 'node:os';
import { withoutLogin } from '../../adapters/git/transport/address.ts';
import { NO_REMOTE, type Pinned } from '../../adapters/git/transport/memory.ts';
import { loginsIn, loginsRemedy, loginsWords } from '../../adapters/git/view/logins.ts';
import { askProgram } from '../../adapters/machine/ask-program.ts';
import { addressWords, heldWords, pinnedOrigin, remoteMemory } from '../../compose/forge-address.ts';
import { SILENT } from '../../compose/log.ts';
import { composeWorkspaces } from '../../compose/workspaces.ts';
import type { Settings } from '../../config/settings.ts';
import { remoteName } from '../../place/origin.ts';
import type { Place } from '../../place/place.ts';
import { openForReading } from '../../read/open.ts';
import { about, type Finding } from '../finding/finding.ts';
import type { Environment } from '../finding/patient.ts';

/** The origin that counts (see pinnedOrigin), and the address that git fetches from and pushes to. Before the first start: those that would be kept. */
export async function remoteAt(place: Place, env: Environment): Promise<{ readonly origin: string | null; readonly address: Pinned }> {
  const store = openForReading(place);
  try {
    return { origin: pinnedOrigin(store, place.gitDir), address: store.fact('remote') ?? (await addressNow(place, env)) };
  } finally {
    store.close();
  }
}

/** As the person's own git has it. Nothing is written for it where tac8 was never started. */
async function addressNow({ root, gitDir }: Place, env: Environment): Promise<Pinned> {
  const name = remoteName(gitDir);
  if (name === null) return NO_REMOTE;
  const own = { PATH: env.PATH ?? '/usr/bin:/bin', HOME: env.HOME ?? homedir(), LC_ALL: 'C', GIT_ALLOW_PROTOCOL: 'none' };
  const ask = async (...more: string[]): Promise<string | null> => {
    const got = await askProgram('git', ['remote', 'get-url', ...more, '--', name], { cwd: root, env: own });
    return got.kind === 'ended' && got.code === 0 ? withoutLogin(got.out.split('\n')[0] ?? '') : null;
  };
  const [fetch, push] = await Promise.all([ask(), ask('--push')]);
  return { fetch, push: push ?? fetch };
}

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
      const now = await addressNow(place, env);
      return [...shown, ok(now.fetch === null ? NONE : `${addressWords(now)}: kept from the first start on`)];
    }
    const spaces = composeWorkspaces(
      { ...place, settings },
      { access: null, memory: remoteMemory(store, place.gitDir, false), log: SILENT, env: {} },
    );
    const held = heldWords(pinned, await spaces.named());
    if (held !== null) return [...shown, warn(held, '`tac8 remote accept`, or put the old address back with `git remote set-url`')];
    return [...shown, ok(pinned.fetch === null ? NONE : addressWords(pinned))];
  } finally {
    store.close();
  }
}
