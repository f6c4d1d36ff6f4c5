import { commandOf, type UnitFacts } from './facts.ts';

/** In ms; the daemon says three times as often that its loop lives. */
const WATCHDOG = '3min';

/**
 * The unit. It is ended by SIGUSR2, which lets the daemon leave at once; `KillMode=process` and `Delegate=yes` leave the workers alone
 * in cgroups of their own, and the next start takes them up: a restart, an upgrade of tac8 included, is nothing special.
 */
export function systemdUnit(facts: UnitFacts): string {
  const { root, path, envFile, scope, user, notifies } = facts;
  const isSystem = scope === 'system';
  const lines = [
    `# Written by \`tac8 service install\`, and written anew by the next one. \`systemctl ${isSystem ? '' : '--user '}edit ${facts.name}\` is for your own lines.`,
    '[Unit]',
    `Description=tac8 on ${percents(root)}`,
    ...(isSystem ? ['Wants=network-online.target', 'After=network-online.target'] : []),
    // However often it fails: it tries again after RestartSec.
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    ...(notifies ? ['Type=notify', 'NotifyAccess=all', `WatchdogSec=${WATCHDOG}`, 'WatchdogSignal=SIGKILL'] : ['Type=exec']),
    // The colon: no $ is a variable here.
    `ExecStart=:${commandOf(facts).map(word).join(' ')}`,
    ...(isSystem ? [`User=${user}`] : []),
    `Environment=${word(`PATH=${path}`)}`,
    `EnvironmentFile=-${globless(percents(envFile))}`,
    'KillMode=process',
    'KillSignal=SIGUSR2',
    'Delegate=yes',
    // A tool of an agent that ran out of memory is the agent's affair.
    'OOMPolicy=continue',
    'TimeoutStartSec=2min',
    'TimeoutStopSec=30s',
    'Restart=on-failure',
    'RestartSec=5s',
    // A wrong configuration needs a person.
    'RestartPreventExitStatus=2',
    'StandardOutput=journal',
    'StandardError=journal',
    '',
    '[Install]',
    `WantedBy=${isSystem ? 'multi-user.target' : 'default.target'}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** One word of a command line or an assignment: blanks, quotes and backslashes stay what they are. */
export const word = (text: string): string => `"${percents(text).replace(/[\\"]/g, '\\$&')}"`;

/** `%` begins a specifier everywhere in a unit. */
const percents = (text: string): string => text.replaceAll('%', '%%');

/** The path of an environment file is a pattern. */
const globless = (text: string): string => text.replace(/[\\*?[]/g, '\\$&');
