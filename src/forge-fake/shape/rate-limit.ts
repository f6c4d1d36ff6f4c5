import type { Json } from './shapes.ts';

/** Requests counted per token and hour, as the x-ratelimit headers tell. In memory: a restart gives everybody a fresh hour. */
export interface RateLimits {
  /** How many requests this hour still has. */
  left(who: string, limit: number): number;
  spend(who: string, requests?: number): void;
  headers(who: string, limit: number): Record<string, string>;
  shape(who: string, limit: number): Json;
}

const HOUR = 3_600_000;

export function createRateLimits(now: () => number): RateLimits {
  const windows = new Map<string, { used: number; reset: number }>();
  const window = (who: string): { used: number; reset: number } => {
    const known = windows.get(who);
    if (known !== undefined && known.reset > now()) return known;
    const fresh = { used: 0, reset: now() + HOUR };
    windows.set(who, fresh);
    return fresh;
  };
  const numbers = (who: string, limit: number): Json => {
    const { used, reset } = window(who);
    return { limit, used, remaining: Math.max(0, limit - used), reset: Math.ceil(reset / 1000) };
  };
  return {
    left: (who, limit) => Math.max(0, limit - window(who).used),
    spend(who, requests = 1) {
      window(who).used += requests;
    },
    headers(who, limit) {
      const entries = Object.entries(numbers(who, limit)).map(([key, value]) => [`x-ratelimit-${key}`, String(value)]);
      return { ...Object.fromEntries(entries), 'x-ratelimit-resource': 'core' };
    },
    shape(who, limit) {
      const core = numbers(who, limit);
      const search = { limit: 30, used: 0, remaining: 30, reset: Math.ceil(now() / 1000) + 60 };
      return { resources: { core, search, graphql: core }, rate: core };
    },
  };
}
