import { z } from 'zod';
import { list } from './parts.ts';
import { taskRow } from './row.ts';
import { state } from './state.ts';

/*
 * `GET /api/v1/events`, server-sent. The first event of a stream is `state`, all of it; then each `change` has what differs. Each has an id:
 * a browser that comes back gives the last one it has, and gets the changes since, or `state` again where they are not kept any more.
 * A comment line comes every 10 seconds where nothing else does.
 */

/** `event: change`. What is left out is as it was. */
export const change = z.object({
  head: state.omit({ tasks: true }).partial().describe('Fields of the state that are other now'),
  rows: list(taskRow).describe('Tasks that are new or other now'),
  order: list(z.string()).optional().describe('All task ids in order, if the order changed; an id that is missing is gone'),
});

/** What a stream sends, by the name of the event. */
export interface Events {
  readonly state: z.infer<typeof state>;
  readonly change: Change;
}

export type Change = z.infer<typeof change>;
