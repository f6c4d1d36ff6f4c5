import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { AskProgram } from '../adapters/machine/ask-program.ts';
import { PortError } from '../engine/ports/error.ts';
import type { UnitFacts } from './facts.ts';
import { launchdPlist } from './launchd-plist.ts';

export interface Launchd {
  readonly ask: AskProgram;
  readonly uid: number;
}

export const plistFile = ({ name, scope }: UnitFacts): string =>
  join(scope === 'system' ? '/Library/LaunchDaemons' : join(homedir(), 'Library/LaunchAgents'), `${name}.plist`);

const domainOf = ({ scope }: UnitFacts, uid: number): string => (scope === 'system' ? 'system' : `gui/${uid}`);

async function launchctl({ ask }: Launchd, ...args: string[]): Promise<string | null> {
  const said = await ask('/bin/launchctl', args, { env: { PATH: '/usr/bin:/bin' }, timeoutMs: 30_000 });
  return said.kind === 'ended' && said.code === 0 ? said.out : null;
}

/** Writes the plist and starts the agent anew. */
export async function installAgent(launchd: Launchd, facts: UnitFacts): Promise<void> {
  const file = plistFile(facts);
  const domain = domainOf(facts, launchd.uid);
  await mkdir(dirname(file), { recursive: true });
  await mkdir(dirname(facts.log), { recursive: true });
  await launchctl(launchd, 'bootout', `${domain}/${facts.name}`);
  await writeFile(file, launchdPlist(facts));
  if ((await launchctl(launchd, 'bootstrap', domain, file)) !== null) return;
  throw new PortError('terminal', `launchctl does not take ${file}`, {
    hint: `plutil -lint ${file}; launchctl bootstrap ${domain} ${file}`,
  });
}

/** Ends the daemon (its workers go on), and takes the plist away. */
export async function uninstallAgent(launchd: Launchd, facts: UnitFacts): Promise<boolean> {
  const file = plistFile(facts);
  if (!existsSync(file)) return false;
  await launchctl(launchd, 'bootout', `${domainOf(facts, launchd.uid)}/${facts.name}`);
  await rm(file, { force: true });
  return true;
}

/** Whether launchd knows it, and the daemon's process. */
export async function agentState(
  launchd: Launchd,
  facts: UnitFacts,
): Promise<{ readonly installed: boolean; readonly pid: number | null }> {
  const told = await launchctl(launchd, 'print', `${domainOf(facts, launchd.uid)}/${facts.name}`);
  return { installed: existsSync(plistFile(facts)), pid: Number(/^[ \t]*pid = (\d+)$/m.exec(told ?? '')?.[1]) || null };
}
