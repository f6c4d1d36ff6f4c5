/** Dollars for a million tokens; `cached` is the share of the input's price for what is read from the cache. */
export interface Price {
  readonly input: number;
  readonly output: number;
  readonly cached: number;
}

/** By the name of a model, or its beginning and a star. */
export type Prices = Readonly<Record<string, Price>>;

/** Dollars, and how far they are certain. */
export interface Money {
  readonly usd: number;
  /** So many of the dollars come from the prices of the models, since no agent has stated them. */
  readonly usdEstimated?: number;
  /** At least so many tokens are not in the dollars: their model has no price that is known. */
  readonly tokensUnpriced?: number;
  /** So many logs nobody could read to their end: what else they tell of is neither in the tokens nor in the dollars. */
  readonly logsUnread?: number;
}

/** Tokens of this process alone. */
export interface Spend extends Money {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  /** How many of the tokens are estimated from the length of the text. */
  readonly tokensEstimated?: number;
}

/** A reply that is being said, and what is known of it by now. */
export interface Reply {
  readonly message: string;
  readonly model: string | null;
  /** As it was stated; without dollars. */
  readonly stated: Spend;
  /** Tokens of what it has said, told from its length. */
  readonly said: number;
  /** The provider has stated all of it. */
  readonly whole: boolean;
}

export const NO_SPEND: Spend = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, usd: 0 };
