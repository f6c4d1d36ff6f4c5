import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { z } from 'zod';
import { ERRORS, type ErrorCode, type Failed } from '../../api/parts.ts';
import { isTaskId, type TaskId } from '../../core/model/task.ts';

export type Asked = Context<{ Bindings: HttpBindings }>;

/** Something in the way of an answer, told to whoever asked. */
export class Refused extends Error {
  readonly code: ErrorCode;
  readonly hint: string | null;
  constructor(code: ErrorCode, message: string, hint: string | null = null) {
    super(message);
    this.name = 'Refused';
    this.code = code;
    this.hint = hint;
  }
}

export const statusOf = (code: ErrorCode) => ERRORS[code];

export const envelope = (code: ErrorCode, message: string, hint: string | null = null): Failed => ({ error: { code, message, hint } });

/** The refusal as the API gives it. */
export function refuse(c: Asked, code: ErrorCode, message: string, hint: string | null = null): Response {
  if (code === 'too_many' || code === 'not_now') c.header('retry-after', '1');
  if (code === 'no_token') c.header('www-authenticate', 'Bearer realm="tac8"');
  return c.json(envelope(code, message, hint), statusOf(code));
}

/** What stands behind the `?`, checked. */
export function queryOf<T extends z.ZodType>(c: Asked, shape: T): z.infer<T> {
  return checked(shape, c.req.query());
}

/** Throws what is wrong with it as a Refused. */
export function checked<T extends z.ZodType>(shape: T, value: unknown): z.infer<T> {
  const found = shape.safeParse(value);
  if (found.success) return found.data;
  const wrong = found.error.issues.slice(0, 5).map(({ path, message }) => `${path.length === 0 ? '' : `${path.join('.')}: `}${message}`);
  throw new Refused('bad_request', wrong.join('; '));
}

/** The task that the path names, by its form alone: no path of a file can stand here. */
export function taskIn(c: Asked): TaskId {
  const id = c.req.param('task') ?? '';
  if (isTaskId(id)) return id;
  throw new Refused('bad_request', 'a task is named gh-NUMBER or local-NUMBER');
}
