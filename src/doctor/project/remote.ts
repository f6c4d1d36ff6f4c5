import { reachRemote } from '../../adapters/git/transport/reach.ts';
import { loginsIn, loginsRemedy, loginsWords } from '../../adapters/git/view/logins.ts';
import { forgeAccess, gitLogin } from '../../compose/forge-access.ts';
import { addressWords, asWritten, heldWords, remoteMemory } from '../../compose/forge-address.ts';
import { SILENT } from '../../compose/log.ts';
import { addressNow, type Meaning, meaningNow, pushAddresses } from '../../compose/remote/meaning.ts';
import { composeWorkspaces } from '../../compose/workspaces.ts';
import type { Settings } from '../../config/settings.ts';
import { remoteName } from '../../place/origin.ts';
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

const MIRROR = 'let the forge bring its branches to the others, or take them out with `git remote set-url --delete --push`';

const NONE = 'no remote: work stays here';

const PATIENCE = 15_000;

/** Whether git gets in at the addresses that count, by the login that the daemon would use. */
export async function checkReach(place: Place, settings: Settings, env: Environment): Promise<readonly Finding[]> {
  const { ok, bad } = about('remote-login', 'Without it work starts from what is here and may be old, and nothing can be pushed.');
  const store = openForReading(place);
  try {
    const access = forgeAccess(settings, (await remoteAt(place, env)).origin, env, SILENT);
    const memory = remoteMemory(store, asWritten(place.gitDir), false);
    const login = access === null ? {} : { login: gitLogin(access) };
    const name = remoteName(place.gitDir) ?? 'origin';
    const asked = {
      ...{ root: place.root, name, memory },
      ...login,
      branchPrefix: settings.branchPrefix,
      baseBranch: settings.baseBranch,
      timeoutMs: PATIENCE,
    };
    const reached = await reachRemote(asked, AbortSignal.timeout(2 * PATIENCE));
    if (reached === null) return [];
    const { address, fetch, base, push } = reached;
    const found = [
      ...(base === false
        ? [
            bad(
              noBase(settings.baseBranch, address.fetch),
              'push a first commit there, or name a branch that it has: base_branch in tac8.yaml',
            ),
          ]
        : []),
      ...(fetch === null ? [] : [bad(`git cannot fetch from ${address.fetch}: ${inOneLine(fetch.message)}`, fetch.hint || null)]),
      ...(push === null || (push.message === fetch?.message && address.push === address.fetch)
        ? []
        : [bad(`git cannot push to ${address.push}: ${inOneLine(push.message)}`, push.hint || null)]),
    ];
    return found.length > 0 ? found : [ok('git fetches from there, and may push there: it tried both, and sent nothing')];
  } finally {
    store.close();
  }
}

const noBase = (branch: string | null, at: string): string =>
  branch === null ? `${at} has no default branch that work could start from` : `${at} has no branch ${branch} to start from`;

const inOneLine = (words: string): string => words.replace(/\s+/g, ' ').trim();

/** Whether git's settings still name the address that counts, and hold nobody's login. */
export async function checkRemote(place: Place, settings: Settings, env: Environment): Promise<readonly Finding[]> {
  const { ok, warn } = about('remote', 'Work is fetched from there and pushed to there; every worker can write git’s settings.');
  const logins = await loginsIn(place.gitDir);
  const many = await pushAddresses(place, env);
  const shown = [
    ...(logins.length === 0 ? [] : [warn(loginsWords(logins), loginsRemedy(logins))]),
    ...(many < 2 ? [] : [warn(`your git pushes to ${many} addresses, and tac8 to the first of them alone`, MIRROR)]),
  ];
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
