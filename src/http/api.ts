import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { openApi } from '../api/openapi/openapi.ts';
import type { Ms } from '../core/model/seen.ts';
import { redactedIn, redactor } from '../core/words/secrets.ts';
import type { Outlines } from '../transcript/outline/outlines.ts';
import { LogError } from '../transcript/read/read.ts';
import { createBucket, createSpace } from './guard/bounds.ts';
import type { Keys } from './guard/keys.ts';
import { createPersons, type Users } from './guard/users.ts';
import type { Previews } from './preview/previews.ts';
import { type Asked, Refused, refuse } from './routes/answer.ts';
import { addBoardRoutes } from './routes/board.ts';
import type { Desk } from './routes/desk.ts';
import { addFleetRoutes } from './routes/fleet.ts';
import { addOutlineRoutes, addPictureRoutes } from './routes/glance.ts';
import { addHistoryRoutes } from './routes/history.ts';
import { addRepositoryRoutes } from './routes/repositories.ts';
import { addSearchRoutes } from './routes/search.ts';
import { addTranscriptRoutes } from './routes/transcript.ts';
import { addVerbRoutes } from './routes/verbs.ts';
import { addWorkRoutes } from './routes/work.ts';
import { createEar } from './streams/ear.ts';
import { addEventRoutes } from './streams/events.ts';
import { addFollowRoute } from './streams/follow.ts';

export interface ApiOptions {
  readonly desk: Desk;
  readonly keys: Keys;
  readonly userOf: Users;
  readonly outlines: Outlines;
  readonly previews: Previews;
  /** The address of the page. */
  readonly url: string;
  readonly onError: (error: unknown) => void;
}

/** Where it is mounted. */
export const API = '/api/v1';

const MOST_BODY = 64 * 1024;
/** A board is sent whole, as it was and as it is to be. */
const BOARD = /\/board(?:\/draft)?$/;
const MOST_BOARD_BODY = 4 * 1024 * 1024;
const SLOW =
  /\/(?:transcript|transcript\/step|transcript\/outline|transcript\/picture|transcript\/hits|search|diff|why|saved|stats|plan|setup|repositories|repositories\/link|restore|approve|preview)$/;
const STREAMS = /\/(?:events|transcript\/follow)$/;
/**
 * What a person has to see as it is: the board to edit it, a diff to find a key in it before others do. What agents say of a step is cleaned where
 * it is read.
 */
const AS_IT_IS = /\/(?:board|board\/draft|diff|transcript|transcript\/step|openapi\.json)$/;
const CHANGES = new Set(['POST']);

/** `/api/v1`. Each kind of asking has a bound of its own: what exhausts one leaves the others, and /healthz and /metrics, as they are. */
export function createApi({ desk, keys, userOf, outlines, previews, url, onError }: ApiOptions): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  const bounds = createBounds(desk.now);
  const persons = createPersons(desk.workerOf, bounds.mayLook);
  app.use(async (c, next) => {
    const { method } = c.req;
    if (method !== 'GET' && !CHANGES.has(method)) return refuse(c, 'wrong_method', `${method} is not answered here`);
    const sent = { authorization: header(c, 'authorization'), cookie: header(c, 'cookie'), key: header(c, 'x-tac8-key') };
    const right = keys.right(sent, userOf(c.env.incoming.socket));
    if (right === null) {
      if (!bounds.mayGuess()) return refuse(c, 'too_many', 'too many without a token');
      return refuse(c, 'no_token', 'the token is missing or wrong', '`tac8 page` prints a link that lets a browser in.');
    }
    const isChange = CHANGES.has(method);
    if (isChange && right === 'read')
      return refuse(c, 'forbidden', 'a change needs the page’s key', 'Open the link that `tac8 page` prints once more.');
    if (isChange) {
      const may = await persons(c.env.incoming.socket);
      if (may === 'too many') return refuse(c, 'too_many', 'too many changes at once');
      if (may !== 'yes') return refuse(c, 'forbidden', `only a person may ask for this: ${may.why}`);
    }
    if (!bounds.mayAsk(isChange)) return refuse(c, 'too_many', isChange ? 'too many changes at once' : 'too many questions at once');
    // A stream has a bound of its own, and stays.
    if (STREAMS.test(c.req.path)) return next();
    const leave = await bounds.enter(isChange, SLOW.test(c.req.path));
    if (leave === null) return refuse(c, 'not_now', 'too many questions are being answered: ask again in a moment');
    try {
      await next();
    } finally {
      leave();
    }
    return undefined;
  });
  app.use(async (c, next) => {
    if (!AS_IT_IS.test(c.req.path)) withoutKeys(c);
    return next();
  });
  const [usual, board] = [MOST_BODY, MOST_BOARD_BODY].map((most) =>
    bodyLimit({ maxSize: most, onError: (c) => refuse(c as Asked, 'too_large', `a body has at most ${most} bytes`) }),
  );
  app.use((c, next) => (BOARD.test(c.req.path) ? board : usual)?.(c, next) ?? next());
  const ear = createEar(desk, onError);
  addFleetRoutes(app, desk, ear.newest);
  addTranscriptRoutes(app, desk);
  addOutlineRoutes(app, desk, outlines);
  addPictureRoutes(app, desk);
  addRepositoryRoutes(app, desk);
  addBoardRoutes(app, desk);
  addSearchRoutes(app, desk);
  addFollowRoute(app, desk, onError);
  addWorkRoutes(app, desk, previews);
  addHistoryRoutes(app, desk);
  addVerbRoutes(app, desk);
  addEventRoutes(app, desk, ear, onError);
  app.get('/openapi.json', (c) => c.json(openApi()));
  app.post('/links', (c) => c.json({ url: `${url}/enter?code=${keys.newCode(desk.now())}` }));
  const known = app.routes.filter(({ method }) => method !== 'ALL');
  app.all('*', (c) => {
    const others = known.filter(({ path, method }) => method !== c.req.method && isLike(path, c.req.path.slice(API.length)));
    if (others.length > 0) return refuse(c, 'wrong_method', `${c.req.method} is not answered here`);
    return refuse(c, 'not_found', 'there is nothing here', 'docs/api.md has all addresses.');
  });
  app.onError((error, c) => {
    if (error instanceof Refused) return refuse(c, error.code, error.message, error.hint);
    if (error instanceof LogError) return refuse(c, error.kind === 'vanished' ? 'not_found' : 'failed', error.message);
    if (error.name === 'TimeoutError') return refuse(c, 'not_now', 'it took too long');
    onError(error);
    return refuse(c, 'failed', 'that did not work', 'logs/tac8.log says why.');
  });
  return app;
}

const redact = redactor([]);

/** Whatever is answered as JSON has no key in it that tells by its shape, whoever said it. */
function withoutKeys(c: Asked): void {
  const json = c.json.bind(c) as (value: unknown, ...rest: unknown[]) => Response;
  c.json = ((value: unknown, ...rest: unknown[]) => json(redactedIn(value, redact), ...rest)) as typeof c.json;
}

const header = (c: Asked, name: string): string | null => c.req.header(name) ?? null;

function isLike(pattern: string, path: string): boolean {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  return wanted.length === given.length && wanted.every((part, n) => part.startsWith(':') || part === given[n]);
}

function createBounds(now: () => Ms) {
  const reads = createBucket(2_000, 500);
  const changes = createBucket(60, 5);
  const guesses = createBucket(50, 2);
  // Apart from the changes: whoever is refused takes none of them away.
  const looks = createBucket(120, 10);
  const reading = createSpace(64, 0);
  const changing = createSpace(32, 0);
  const heavy = createSpace(4, 64);
  return {
    mayGuess: () => guesses.take(now()),
    /** Who it is that wants a change. */
    mayLook: () => looks.take(now()),
    mayAsk: (isChange: boolean) => (isChange ? changes : reads).take(now()),
    /** Null: no room. */
    enter: async (isChange: boolean, isHeavy: boolean) => (isHeavy ? heavy.enter() : (isChange ? changing : reading).enterNow()),
  };
}
