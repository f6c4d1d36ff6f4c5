import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Actions } from '../rules/actions.ts';
import type { Secondary } from '../rules/secondary.ts';
import type { RateLimits } from '../shape/rate-limit.ts';
import type { Fake } from '../state/fake.ts';
import type { Fault } from '../state/faults.ts';
import type { JournalEntry } from '../state/journal.ts';
import { send, type Wire } from './respond.ts';

export interface HandlerOptions {
  readonly fake: Fake;
  readonly actions: Actions;
  readonly limits: RateLimits;
  /** Requests per hour and token. */
  readonly rateLimit: number;
  /** Null: nobody is too fast. */
  readonly secondary: Secondary | null;
}

/** One request, read whole, and its answer to be. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  readonly url: URL;
  readonly body: Buffer;
}

/** What the journal is told of it. */
export type Note = Omit<JournalEntry, 'seq' | 'at' | 'method' | 'path' | 'fault'>;

/** Until the caller gives up or the server is closed. */
const gone = (one: Exchange): Promise<void> =>
  new Promise((done) => {
    if (one.request.socket.destroyed) done();
    else one.request.socket.once('close', () => done());
  });

/** Faults that come before anything is done. True: the request is over. */
export async function held(fault: Fault | null, one: Exchange): Promise<boolean> {
  if (fault?.kind === 'reset') one.request.socket.destroy();
  if (fault?.kind === 'hang') await gone(one);
  return fault?.kind === 'reset' || fault?.kind === 'hang';
}

/** The answer after the work, late or maimed as the fault wants it. Answers the status that the caller saw, or null. */
export async function deliver(fault: Fault | null, one: Exchange, wire: Wire): Promise<number | null> {
  if (fault?.kind === 'delay') {
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, fault.ms ?? 1000);
    await Promise.race([late.promise, gone(one)]);
    clearTimeout(timer);
  }
  if (one.request.socket.destroyed) return null;
  const status = send(one.request, one.response, wire, fault);
  if (fault?.kind === 'hang-answer') await gone(one);
  return status;
}

export function jsonOrText(body: Buffer): unknown {
  const text = body.toString('utf8');
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return text;
  }
}
