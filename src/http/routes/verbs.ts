import { setTimeout as wait } from 'node:timers/promises';
import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import { iso } from '../../api/iso.ts';
import { type Verb as Any, BODIES, type Done } from '../../api/verbs.ts';
import type { TaskId } from '../../core/model/task.ts';
import { type Asked, checked, Refused, taskIn } from './answer.ts';
import type { Desk } from './desk.ts';

/** What the loop does; the others are done at once (`work.ts`). */
type Verb = Exclude<Any, 'approve' | 'restore' | 'preview'>;

/** What is done to one task, and what to the fleet. What needs a person at the machine (reload, another remote) is none of them. */
const OF_TASK: readonly Verb[] = ['stop', 'kill', 'cancel', 'retry', 'pause', 'resume', 'priority', 'tell'];
const OF_FLEET: readonly Verb[] = ['pause', 'resume'];
/** Answers to the question about a held edit of tasks.md, by their addresses. */
const OF_HELD_EDIT = { accept: 'accept-edit', restore: 'restore-board' } as const;

/** So long an answer is waited for; a tool in hand may take longer. */
const PATIENCE = 25_000;
const LOOK_EVERY = 50;

export function addVerbRoutes(app: Hono<{ Bindings: HttpBindings }>, desk: Desk): void {
  for (const verb of OF_TASK) app.post(`/tasks/:task/${verb}`, async (c) => act(c, desk, verb, taskIn(c)));
  for (const verb of OF_FLEET) app.post(`/${verb}`, async (c) => act(c, desk, verb, null));
  app.post('/tasks', async (c) => act(c, desk, 'add', null));
  for (const [path, verb] of Object.entries(OF_HELD_EDIT))
    app.post(`/board/${path}`, async (c) => {
      const { token } = checked(BODIES[verb], await bodyOf(c));
      const held = desk.store.fact('daemon')?.held ?? null;
      if (held === null) throw new Refused('refused', 'no edit of tasks.md is held');
      if (held.token !== token) throw new Refused('refused', 'tasks.md was changed again meanwhile: look at it, and say it again');
      return act(c, desk, verb, null);
    });
  app.get('/requests/:id{[1-9][0-9]{0,14}}', (c) => {
    const request = Number(c.req.param('id'));
    const answer = desk.store.answer(request);
    const at = iso(desk.now());
    if (answer?.ok === false) throw new Refused('refused', answer.message);
    if (answer !== null) return c.json({ ...answer, request, ms: 0, at } satisfies Done);
    if (!desk.store.requests().some(({ id }) => id === request)) throw new Refused('not_found', `there is no request ${request}`);
    return c.json({ ok: false, message: 'not answered yet', request, ms: 0, at } satisfies Done, 202);
  });
}

/** Writes the request down as the command line does, and waits for what the loop says of it. */
async function act(c: Asked, { store, now, hear }: Desk, verb: Verb, task: TaskId | null): Promise<Response> {
  const args = checked(BODIES[verb], await bodyOf(c));
  const began = now();
  const request = hear({ verb, task, args }, `the page’s key, from ${c.env.incoming.socket.remoteAddress ?? 'somewhere'}`);
  const gone = AbortSignal.timeout(PATIENCE);
  for (let answer = store.answer(request); ; answer = store.answer(request)) {
    const asked = { request, ms: Math.max(0, now() - began), at: iso(now()) };
    if (answer?.ok === true) return c.json({ ...answer, ...asked } satisfies Done);
    if (answer !== null) throw new Refused('refused', answer.message);
    if (gone.aborted) return c.json({ ok: false, message: stillAsked(verb), ...asked } satisfies Done, 202);
    await wait(LOOK_EVERY);
  }
}

const stillAsked = (verb: Verb): string => `${verb} is noted; it has not happened yet`;

/** The body as JSON; none is an empty one. A form of another site's page cannot send this type. */
export async function bodyOf(c: Asked): Promise<unknown> {
  const text = await c.req.text();
  if (text === '') return {};
  if (!/^application\/json\b/i.test(c.req.header('content-type') ?? ''))
    throw new Refused('bad_request', 'the body must be application/json');
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused('bad_request', 'the body is not JSON');
  }
}
