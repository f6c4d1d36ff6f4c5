import { variablesOf } from '../agents/ground/mcp.ts';
import { noticeSecrets } from './notify-settings.ts';
import type { Settings } from './settings.ts';

/** Names of environment variables that hold a login of tac8's own: of the forge, of its own server, of the channels, of Postgres. What `agent.env` passes on is not among them. */
export function secretNames({ github, http, notify, alerts, machines }: Settings): readonly string[] {
  const channels = noticeSecrets(notify, alerts).flatMap((secret) => ('env' in secret ? [secret.env] : []));
  const names = [
    'GITHUB_TOKEN',
    'GH_TOKEN',
    github.tokenEnv,
    github.webhookSecretEnv,
    http.tokenEnv,
    machines?.urlEnv ?? null,
    ...channels,
  ];
  return [...new Set(names.filter((name) => name !== null))];
}

/** The values behind the names that the settings pass on or take logins from. An address or a path is no secret by itself. */
export function secretsIn(settings: Settings, env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const { agent, agents, notify, alerts } = settings;
  const hooks = noticeSecrets(notify, alerts).flatMap((secret) => ('value' in secret ? [secret.value] : []));
  const passedOn = [agent, ...Object.values(agents)].flatMap((one) => [...one.env, ...variablesOf(one.mcp)]);
  const named = passedOn.map((name) => env[name] ?? '').filter((value) => !/^(?:https?:\/\/[^@]*$|\/)/.test(value));
  return [...named, ...secretNames(settings).map((name) => env[name] ?? ''), ...hooks];
}
