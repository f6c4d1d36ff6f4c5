import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { askProgram, findProgram } from '../../adapters/machine/ask-program.ts';
import { ownFile } from '../../place/own-files.ts';
import { openProject, type Project } from '../../place/project.ts';
import { daemonAt } from '../../read/open.ts';
import { type UnitFacts, unitFacts } from '../../unit/facts.ts';
import { agentState, installAgent, plistFile, uninstallAgent } from '../../unit/launchd.ts';
import { launchdPlist } from '../../unit/launchd-plist.ts';
import { installUnit, type UnitState, uninstallUnit, unitFile, unitState } from '../../unit/systemd.ts';
import { systemdUnit } from '../../unit/systemd-unit.ts';
import { EXIT, Exit } from '../ground/exit-codes.ts';
import { paint } from '../ground/style.ts';

export interface SuperviseOptions {
  readonly system?: true;
  readonly print?: true;
  readonly json?: true;
  readonly standby?: true;
}

const PROGRAM = ownFile('bin/tac8');
const isMac = process.platform === 'darwin';

/** `tac8 service …`. Says what is so afterwards, not what was asked. */
export async function supervise(from: string, verb: 'install' | 'uninstall' | 'status', options: SuperviseOptions): Promise<void> {
  const project = await openProject(from, process.env);
  if (options.standby === true && project.settings.machines === null)
    throw new Exit(EXIT.usage, '--standby: tac8.yaml names no machines, so that there is nothing to go on with', 'See docs/machines.md.');
  const facts = factsOf(project, options);
  if (options.print === true) return void process.stdout.write(isMac ? launchdPlist(facts) : systemdUnit(facts));
  if (verb === 'install') await expectNoDaemon(project, facts);
  if (isMac) return superviseByLaunchd(facts, verb, options.json === true);
  const systemd = { ask: askProgram, env: process.env };
  if (verb === 'uninstall') {
    const was = await uninstallUnit(systemd, facts);
    const message = was ? `${facts.name} is removed; running workers go on` : `${unitFile(facts, process.env)} is not there`;
    return say({ removed: was }, message, options.json === true);
  }
  const state = verb === 'install' ? await installUnit(systemd, facts) : await unitState(systemd, facts);
  say(state, stateText(state, facts), options.json === true);
  if (verb === 'status' && state.active !== 'active') process.exitCode = EXIT.noDaemon;
}

function factsOf({ root, state, logs }: Project, { system, standby }: SuperviseOptions): UnitFacts {
  const userName = (uid: number): string => execFileSync('id', ['-nu', String(uid)], { encoding: 'utf8', timeout: 5_000 }).trim();
  const notifies = findProgram('systemd-notify', process.env.PATH ?? '', '/') !== null || existsSync('/usr/bin/perl');
  const scope = system === true ? 'system' : 'user';
  return unitFacts({ root, state, logs, scope, env: process.env, program: PROGRAM, notifies, standby: standby === true, userName });
}

/** A daemon that a person started would hold the lock, and the unit would fail again and again. */
async function expectNoDaemon(project: Project, facts: UnitFacts): Promise<void> {
  if (facts.scope === 'system' && process.getuid?.() !== 0)
    throw new Exit(EXIT.failed, 'only root may write a unit of the system', 'sudo tac8 service install --system');
  const holder = daemonAt(project);
  if (holder === null) return;
  const own = isMac ? null : (await unitState({ ask: askProgram, env: process.env }, facts)).pid;
  if (own !== null && own === holder.pid) return;
  throw new Exit(
    EXIT.held,
    `a daemon runs already (process ${holder.pid ?? '?'})`,
    '`tac8 stop --now` ends it; its workers go on, and the unit takes them up.',
  );
}

async function superviseByLaunchd(facts: UnitFacts, verb: 'install' | 'uninstall' | 'status', json: boolean): Promise<void> {
  const launchd = { ask: askProgram, uid: process.getuid?.() ?? 0 };
  if (verb === 'uninstall') {
    const was = await uninstallAgent(launchd, facts);
    return say({ removed: was }, was ? `${facts.name} is removed; running workers go on` : `${plistFile(facts)} is not there`, json);
  }
  if (verb === 'install') await installAgent(launchd, facts);
  const state = await agentState(launchd, facts);
  say(
    state,
    `${facts.name} ${state.pid === null ? 'does not run' : `runs as process ${state.pid}`}\n  plist  ${plistFile(facts)}\n  log    ${facts.log}`,
    json,
  );
  if (verb === 'status' && state.pid === null) process.exitCode = EXIT.noDaemon;
}

function stateText(
  { unit, file, installed, active, pid, restarts, enabled, lingers }: UnitState,
  { scope, name, envFile }: UnitFacts,
): string {
  const own = scope === 'user' ? '--user ' : '';
  if (!installed) return `${unit} is not installed (\`tac8 service install\`)`;
  if (active === null) return `${file} is there; systemd does not answer`;
  const runs = active === 'active' ? paint('green', `runs as process ${pid ?? '?'}`) : paint('red', `is ${active}`);
  const out = [
    `${unit} ${runs}${enabled === true ? '; starts by itself' : '; does not start by itself'}${restarts ? `; restarted ${restarts} times` : ''}`,
    `  unit     ${file}`,
    `  tokens   ${envFile} (NAME=value a line; then systemctl ${own}restart ${name})`,
    `  journal  journalctl ${own}-u ${name} -f`,
  ];
  if (lingers === false) out.push(paint('yellow', '  It ends when you log out: `loginctl enable-linger` keeps it.'));
  return out.join('\n');
}

function say(value: object, text: string, json: boolean): void {
  process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${text}\n`);
}
