import { homedir } from 'node:os';

const NAMES = [
  ...['SSH_AUTH_SOCK', 'GIT_SSH_COMMAND', 'GIT_SSH', 'GIT_SSH_VARIANT'],
  ...['XDG_CONFIG_HOME', 'XDG_RUNTIME_DIR', 'DBUS_SESSION_BUS_ADDRESS', 'USER', 'LOGNAME'],
];

/** The environment in which a person's own git finds its settings, helpers and keys. */
export function ownIdentity(): Record<string, string | undefined> {
  const env: Record<string, string | undefined> = { HOME: homedir(), GIT_CONFIG_GLOBAL: undefined, GIT_CONFIG_NOSYSTEM: undefined };
  for (const name of NAMES) env[name] = process.env[name];
  return env;
}
