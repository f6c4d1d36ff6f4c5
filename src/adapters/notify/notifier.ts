import type { Channel, Secret } from '../../core/alerts/channel.ts';
import { PortError } from '../../engine/ports/error.ts';
import type { Notifier } from '../../engine/ports/outside/notifier.ts';
import { messageFor, postMessage } from './post.ts';
import { runCommand } from './run-command.ts';
import { documentOf, type Origin } from './words.ts';

export interface NotifySettings {
  readonly channels: readonly Channel[];
  /** Somebody who wants to hear now and then that the daemon lives. */
  readonly ping: { readonly url: Secret; readonly every: number } | null;
}

export interface NotifierOptions {
  /** Read anew with each call. */
  readonly settings: () => NotifySettings;
  readonly origin: Origin;
  /** Where commands are run. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const PING_LIMIT = 10_000;

/** Tells people over the channels that they set. Starting it sends nothing. */
export function createNotifier({ settings, origin, root, env }: NotifierOptions): Notifier {
  const read = (secret: Secret): string => {
    if ('value' in secret) return secret.value;
    const found = env[secret.env];
    if (found) return found;
    throw new PortError('terminal', `the environment variable ${secret.env} is not set`, { hint: 'Set it where the daemon is started.' });
  };
  return {
    channelsFor: (rule) => settings().channels.flatMap(({ name, rules }) => (rules === null || rules.includes(rule) ? [name] : [])),
    async tell(name, notice, giveUp) {
      const channel = settings().channels.find((one) => one.name === name);
      // Taken out of tac8.yaml since: nobody wants it any more.
      if (channel === undefined) return 'there is no such channel any more';
      const signal = AbortSignal.any([giveUp, AbortSignal.timeout(channel.timeLimit)]);
      if (channel.kind === 'command') {
        const given = Object.fromEntries(channel.env.flatMap((key) => (env[key] === undefined ? [] : [[key, env[key]]])));
        const plain = { PATH: env.PATH ?? '/usr/bin:/bin', LANG: env.LANG ?? 'C.UTF-8' };
        const options = { cwd: root, env: { ...plain, ...given }, timeLimit: channel.timeLimit };
        return runCommand(channel.command, `${JSON.stringify(documentOf(notice, origin))}\n`, options, giveUp);
      }
      const { headers, body } = messageFor(channel.kind, notice, origin);
      const token = 'token' in channel && channel.token !== null ? { authorization: `Bearer ${read(channel.token)}` } : {};
      return postMessage(read(channel.url), { headers: { ...headers, ...token }, body }, signal);
    },
    beat() {
      const { ping } = settings();
      if (ping === null) return null;
      const { url, every } = ping;
      return { every, send: async (giveUp) => sendPing(read(url), AbortSignal.any([giveUp, AbortSignal.timeout(PING_LIMIT)])) };
    },
  };
}

async function sendPing(url: string, signal: AbortSignal): Promise<void> {
  const answer = await fetch(url, { signal, redirect: 'manual', headers: { 'user-agent': 'tac8' } });
  await answer.body?.cancel();
  if (!answer.ok) throw new PortError('retryable', `it was answered with ${answer.status}`);
}
