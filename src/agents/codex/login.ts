import type { LoginPort, Logins, Verdict } from '../ground/kind.ts';

const HOME = ['.codex'];

export const LOGINS: Logins = { programs: { codex: HOME }, otherwise: HOME, files: ['.codex/auth.json'] };

/** Whether a worker will have a login, as far as that can be seen without asking the model. */
export function codexLogin({ isSet, passedOn, readHome }: LoginPort): Verdict {
  if ((readHome('.codex/auth.json') ?? '').includes('{'))
    return { level: 'ok', says: 'Codex is logged in (~/.codex/auth.json)', mend: null };
  const provider = keyIn(readHome('.codex/config.toml') ?? '');
  if (provider === undefined) return { level: 'bad', says: 'no login of Codex was found', mend: 'run `codex login` once' };
  if (!isSet(provider))
    return { level: 'bad', says: `~/.codex/config.toml names $${provider}, which is not set`, mend: `export ${provider}=…` };
  if (passedOn.includes(provider))
    return { level: 'ok', says: `$${provider}, as ~/.codex/config.toml names it, is set and passed on`, mend: null };
  return { level: 'bad', says: `$${provider} is set, but not passed on to the agent`, mend: `add ${provider} to agent.env in tac8.yaml` };
}

/** The variable that the settings of a provider name. */
function keyIn(config: string): string | undefined {
  const line = config.split('\n').find((one) => one.trimStart().startsWith('env_key'));
  return line === undefined ? undefined : /"(\w{1,100})"/.exec(line)?.[1];
}
