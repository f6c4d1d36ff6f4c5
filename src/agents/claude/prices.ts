import type { Price } from '../words/price.ts';

const price = (input: number, output: number, cached = 0.1): Price => ({ input, output, cached });

/*
 * Published prices, read in November 2026. Only for what an agent has not stated itself: a run that goes on, or that was ended before its
 * result. A model that is not here has no price, and that is said.
 */
const PRICES: readonly (readonly [pattern: RegExp, price: Price])[] = [
  [/^claude-(?:fable|mythos)-5-1\b/, price(10, 50, 0.025)],
  [/^claude-(?:fable|mythos)-5-2\b/, price(8, 40, 0.05)],
  [/^claude-(?:fable|mythos)-5(?!-\d\b)/, price(10, 50)],
  [/^claude-opus-5-5\b/, price(4, 20, 0.05)],
  [/^claude-opus-(?:5(?!-\d\b)|4-[5-8]\b)/, price(5, 25)],
  [/^claude-(?:3-opus|opus-4(?:-[01])?(?!-\d\b))/, price(15, 75)],
  [/^claude-sonnet-5-5\b/, price(2, 10, 0.05)],
  [/^claude-sonnet-5(?!-\d\b)/, price(2, 10)],
  [/^claude-(?:3-[57]-sonnet|sonnet-4(?:-[056])?(?!-\d\b))/, price(3, 15)],
  [/^claude-haiku-4-5\b/, price(1, 5)],
  [/^claude-3-5-haiku\b/, price(0.8, 4)],
  [/^claude-3-haiku\b/, price(0.25, 1.25)],
];

/** It costs more where the prompt is long. */
const HAIKU = { pattern: /^claude-haiku-5-5\b/, short: price(0.1, 0.5), long: price(0.5, 2.5), bound: 100_000 };

/** By the model's name, and how long the prompt is. */
export function claudePrice(model: string, prompt: number): Price | null {
  // As Bedrock and others spell it: `us.anthropic.claude-…`.
  const name = model.slice(Math.max(0, model.indexOf('claude-')));
  if (HAIKU.pattern.test(name)) return prompt > HAIKU.bound ? HAIKU.long : HAIKU.short;
  return PRICES.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}
