import { acceptNamed, asWritten, heldWords, remoteMemory } from '../../compose/forge-address.ts';
import { composePremises, type Premises } from '../../compose/premises.ts';
import { meaningOf } from '../../compose/remote/meaning.ts';
import { ACCEPT_REMOTE, whyNotPerson } from '../../orders/give-order.ts';
import { findPlace } from '../../place/place.ts';
import { openProject, type Project } from '../../place/project.ts';
import { daemonAt } from '../../read/open.ts';
import { EXIT, Exit } from '../ground/exit-codes.ts';
import { ordered, sayAnswer } from './order.ts';

const say = (line: string): boolean => process.stdout.write(`${line}\n`);

async function withPremises(from: string, write: boolean, work: (premises: Premises, project: Project) => Promise<void>): Promise<void> {
  const project = await openProject(from, process.env);
  const premises = composePremises(project, process.env, write);
  try {
    await work(premises, project);
  } finally {
    premises.close();
  }
}

export function showRemote(from: string): Promise<void> {
  return withPremises(from, false, async ({ store, workspaces }) => {
    const pinned = store.fact('remote');
    const named = await (await workspaces()).named();
    if (pinned === null) say(`${named.fetch ?? 'no remote'} (it is kept from the first start on)`);
    else say(heldWords(pinned, named) ?? pinned.fetch ?? 'no remote: work stays here');
  });
}

/** By the daemon where one runs: it believes what it knows, not what stands in the database since. */
export async function acceptRemote(from: string): Promise<void> {
  const place = await findPlace(from, process.env);
  const daemon = daemonAt(place)?.pid ?? null;
  if (daemon !== null) return sayAnswer(await ordered(place, daemon, ACCEPT_REMOTE), false);
  const why = await whyNotPerson(place);
  if (why !== null) throw new Exit(EXIT.refused, `only a person may do this, and ${why}`);
  await withPremises(from, true, async ({ store, workspaces }, { gitDir }) => {
    const { named } = await workspaces();
    say(await acceptNamed(remoteMemory(store, asWritten(gitDir), true), named, (address) => meaningOf(address, gitDir, process.env)));
  });
}
