import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const salt = randomBytes(32);
const digest = (text: string): Buffer => createHmac('sha256', salt).update(text).digest();

/** Whether what was given is the secret: it takes as long for a wrong beginning as for a wrong end, and for a wrong length. */
export const isSameSecret = (given: string, wanted: string): boolean => timingSafeEqual(digest(given), digest(wanted));
