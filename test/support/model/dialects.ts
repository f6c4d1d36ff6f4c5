import type { ServerResponse } from 'node:http';
import { chat } from './chat.ts';
import { gemini } from './gemini.ts';
import { reply, replyError } from './reply.ts';
import { type ModelRequest, readRequest } from './request.ts';
import { responses } from './responses.ts';
import type { Step } from './steps.ts';

/** How one kind of agent asks its model, and is answered. */
export interface Dialect {
  readonly isAt: (path: string) => boolean;
  readonly read: (raw: string, path: string) => ModelRequest;
  readonly error: (response: ServerResponse, step: Step, status: number) => void;
  readonly reply: (response: ServerResponse, request: ModelRequest, step: Step, rawLength: number) => Promise<void>;
  /** The answer to a side request, a title or the choice of a model. */
  readonly aside: (raw: string) => string;
}

const messages: Dialect = {
  isAt: (path) => path.endsWith('/v1/messages'),
  read: (raw) => readRequest(raw),
  error: replyError,
  reply,
  aside: () => 'mock side answer',
};

export const dialectOf = (path: string): Dialect | undefined => [messages, responses, chat, gemini].find(({ isAt }) => isAt(path));
