import type { Rule } from '../model/alert.ts';
import type { Ms } from '../model/seen.ts';

/** Where an address or a secret comes from: written down, or the name of an environment variable. */
export type Secret = { readonly value: string } | { readonly env: string };

interface ChannelFacts {
  readonly name: string;
  /** Null: all of them. */
  readonly rules: readonly Rule[] | null;
  /** For one try. */
  readonly timeLimit: Ms;
}

/** Somebody to be told, as the settings have it. */
export type Channel = ChannelFacts &
  (
    | { readonly kind: 'slack' | 'discord'; readonly url: Secret }
    | { readonly kind: 'ntfy' | 'webhook'; readonly url: Secret; readonly token: Secret | null }
    /** `env`: names passed on. */
    | { readonly kind: 'command'; readonly command: readonly [string, ...string[]]; readonly env: readonly string[] }
  );
