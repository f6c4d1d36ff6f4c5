import { existsSync } from 'node:fs';
import { chown, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AskProgram } from '../adapters/machine/ask-program.ts';
import { PortError } from '../engine/ports/error.ts';
import { writeWhole } from '../files/write-whole.ts';
import { ENV_FILE_TEXT, systemdFolder, type UnitFacts } from './facts.ts';
import { systemdUnit } from './systemd-unit.ts';

export interface Systemd {
  readonly ask: AskProgram;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** How the unit is, as systemd tells. */
export interface UnitState {
  readonly unit: string;
  readonly file: string;
  readonly installed: boolean;
  /** `active`, `activating`, `failed`, `inactive`; null: systemd did not answer. */
  readonly active: string | null;
  readonly pid: number | null;
  readonly restarts: number | null;
  readonly enabled: boolean | null;
  /** Of a user's unit: whether it goes on when the user logs out. */
  readonly lingers: boolean | null;
}

/** A start waits until the daemon is ready. */
const PATIENCE = 150_000;

/** Where systemctl finds its manager, and nothing else. */
function environment(env: Systemd['env']): Record<string, string> {
  const names = ['PATH', 'HOME', 'XDG_RUNTIME_DIR', 'XDG_CONFIG_HOME', 'DBUS_SESSION_BUS_ADDRESS'];
  return { LC_ALL: 'C', ...Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]))) };
}

const scopeOf = ({ scope }: UnitFacts): readonly string[] => (scope === 'user' ? ['--user'] : []);

/** Throws a terminal PortError with systemd's own words. */
async function systemctl({ ask, env }: Systemd, facts: UnitFacts, ...args: string[]): Promise<string> {
  const said = await ask('systemctl', [...scopeOf(facts), '--no-pager', ...args], { env: environment(env), timeoutMs: PATIENCE });
  if (said.kind === 'ended' && said.code === 0) return said.out;
  const words =
    said.kind === 'ended'
      ? said.err.trim()
      : said.kind === 'late'
        ? `no answer within ${said.ms / 1000} s`
        : `it cannot be started: ${said.why}`;
  throw new PortError('terminal', `systemctl ${args.join(' ')}: ${words}`, { hint: hintFor(words, facts) });
}

function hintFor(words: string, { scope, name }: UnitFacts): string {
  if (/Failed to connect|not been booted|No medium found|cannot be started: ENOENT/.test(words))
    return `There is no systemd ${scope === 'user' ? 'for this user (log in anew, or use --system)' : 'here'}; \`tac8 service install --print\` shows the unit.`;
  return `journalctl ${scope === 'user' ? '--user ' : ''}-u ${name} -n 50`;
}

export const unitFile = (facts: UnitFacts, env: Systemd['env']): string => join(systemdFolder(facts.scope, env), `${facts.name}.service`);

/** Writes the unit, makes it start with the machine (or the login), and starts it anew; answers when the daemon is ready. */
export async function installUnit(systemd: Systemd, facts: UnitFacts): Promise<UnitState> {
  await systemctl(systemd, facts, 'show', '--property=Version');
  const file = unitFile(facts, systemd.env);
  await mkdir(systemdFolder(facts.scope, systemd.env), { recursive: true });
  await writeWhole(file, systemdUnit(facts), { mode: 0o666 });
  await writeEnvFile(facts);
  await systemctl(systemd, facts, 'daemon-reload');
  await systemctl(systemd, facts, 'enable', '--quiet', `${facts.name}.service`);
  await systemctl(systemd, facts, 'restart', `${facts.name}.service`);
  return unitState(systemd, facts);
}

/** Root writes for the owner of the repository, who has to be able to write beside it. */
async function writeEnvFile({ envFile, root }: UnitFacts): Promise<void> {
  if (existsSync(envFile)) return;
  const state = dirname(envFile);
  await mkdir(state, { recursive: true, mode: 0o700 });
  await writeFile(envFile, ENV_FILE_TEXT, { mode: 0o600, flag: 'wx' });
  const { uid, gid } = await stat(root);
  for (const path of process.getuid?.() === 0 ? [state, envFile] : []) await chown(path, uid, gid);
}

/** Ends the daemon (its workers go on), and takes the unit away. What is not there is taken away. */
export async function uninstallUnit(systemd: Systemd, facts: UnitFacts): Promise<boolean> {
  const file = unitFile(facts, systemd.env);
  if (!existsSync(file)) return false;
  await systemctl(systemd, facts, 'disable', '--quiet', '--now', `${facts.name}.service`);
  await rm(file, { force: true });
  await systemctl(systemd, facts, 'daemon-reload');
  return true;
}

export async function unitState(systemd: Systemd, facts: UnitFacts): Promise<UnitState> {
  const file = unitFile(facts, systemd.env);
  const base = { unit: `${facts.name}.service`, file, installed: existsSync(file) };
  const properties = '--property=ActiveState,MainPID,NRestarts,UnitFileState';
  const told = await systemctl(systemd, facts, 'show', properties, base.unit).catch(() => null);
  if (told === null) return { ...base, active: null, pid: null, restarts: null, enabled: null, lingers: null };
  const value = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(told)?.[1] ?? '';
  return {
    ...base,
    active: value('ActiveState'),
    pid: Number(value('MainPID')) || null,
    restarts: Number(value('NRestarts')),
    enabled: value('UnitFileState').startsWith('enabled'),
    lingers: facts.scope === 'user' ? existsSync(join('/var/lib/systemd/linger', facts.user)) : null,
  };
}
