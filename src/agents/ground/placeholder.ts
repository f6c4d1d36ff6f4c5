import { createHash } from 'node:crypto';

/** What a worker in a box has in the variable of a login: it has the length of a key, and is none. */
export const placeholder = (variable: string): string => `placeholder-${createHash('sha256').update(variable).digest('hex').slice(0, 24)}`;
