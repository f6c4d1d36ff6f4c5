import type { Channel, Secret } from '../core/alerts/channel.ts';
import type { AlertPolicy } from '../core/model/alert.ts';
import type { Ms } from '../core/model/seen.ts';
import type { Checked } from './schema/schema.ts';

export interface AlertSettings extends AlertPolicy {
  readonly ping: { readonly url: Secret; readonly every: Ms } | null;
}

type Written = Checked['notify'][number];

/** Those without a name are called by their kind, the second of a kind `slack-2`. */
export function toChannels(written: Checked['notify']): readonly Channel[] {
  const names = channelNames(written);
  return written.map((channel, n) => toChannel(channel, names[n] ?? channel.kind));
}

export function channelNames(written: readonly { readonly kind: string; readonly name?: string | undefined }[]): readonly string[] {
  const used = new Map<string, number>();
  return written.map(({ kind, name }) => {
    if (name !== undefined) return name;
    const count = (used.get(kind) ?? 0) + 1;
    used.set(kind, count);
    return count === 1 ? kind : `${kind}-${count}`;
  });
}

function toChannel(written: Written, name: string): Channel {
  const facts = { name, rules: written.rules ?? null, timeLimit: written.time_limit };
  const url = secret(written.url, written.url_env);
  switch (written.kind) {
    case 'slack':
    case 'discord':
      return { ...facts, kind: written.kind, url };
    case 'ntfy':
    case 'webhook':
      return { ...facts, kind: written.kind, url, token: written.token_env === undefined ? null : { env: written.token_env } };
    case 'command': {
      const [program = '', ...args] = written.command ?? [];
      return { ...facts, kind: 'command', command: [program, ...args], env: written.env };
    }
  }
}

export function toAlerts({ off, github_down, daemon_down, stuck, temperature, sustained, ...ping }: Checked['alerts']): AlertSettings {
  const named = ping.ping_url !== undefined || ping.ping_url_env !== undefined;
  return {
    off,
    githubDown: github_down,
    daemonDown: daemon_down,
    stuck,
    temperature,
    sustained,
    ping: named ? { url: secret(ping.ping_url, ping.ping_url_env), every: ping.ping_every } : null,
  };
}

const secret = (value: string | undefined, env: string | undefined): Secret => (value === undefined ? { env: env ?? '' } : { value });

/** Addresses and tokens by which people are told: whoever has them can tell them anything. */
export const noticeSecrets = (channels: readonly Channel[], { ping }: AlertSettings): readonly Secret[] => [
  ...channels.flatMap((channel) => [
    ...('url' in channel ? [channel.url] : []),
    ...('token' in channel && channel.token !== null ? [channel.token] : []),
    ...('env' in channel ? channel.env.map((env) => ({ env })) : []),
  ]),
  ...(ping === null ? [] : [ping.url]),
];
