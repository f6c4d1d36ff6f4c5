/** A time in ms since the epoch as the contract has it; null stays null. */
export const iso = <T extends number | null | undefined>(ms: T): T extends number ? string : string | null =>
  (ms == null ? null : new Date(ms).toISOString()) as T extends number ? string : string | null;
