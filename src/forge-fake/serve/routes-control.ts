import { z } from 'zod';
import type { Actions } from '../rules/actions.ts';
import { type Answer, notFound, ok, Refused, refusal } from '../state/answer.ts';
import type { Fake } from '../state/fake.ts';
import type { FaultRequest } from '../state/faults.ts';
import type { HookTarget } from '../state/hooks.ts';
import { CONCLUSIONS, PHASES, ROLES, VERDICTS } from '../state/state.ts';

/*
 * The same actions over HTTP, below /__fake, for a test or demo in another process. Not part of GitHub's API.
 */

const name = z.string().min(1);
const userBody = z.object({
  login: name,
  role: z.enum(ROLES),
  roleName: name.optional(),
  token: name.optional(),
  type: z.enum(['User', 'Organization', 'Bot']).optional(),
});
const issueBody = z.object({
  as: name,
  title: z.string(),
  body: z.string().nullish(),
  labels: z.array(name).optional(),
  form: z.boolean().optional(),
});
const changeBody = z.object({
  as: name,
  title: z.string().optional(),
  body: z.string().nullish(),
  state: z.enum(['open', 'closed']).optional(),
  stateReason: z.enum(['completed', 'reopened', 'not_planned', 'duplicate']).optional(),
  labels: z.array(name).optional(),
});
const labelBody = z.object({ as: name, label: name, force: z.boolean().optional() });
const blockBody = z.object({ as: name, by: z.number().int().positive() });
const commentBody = z.object({ as: name, body: z.string() });
const pullBody = z.object({
  as: name,
  title: z.string(),
  head: name,
  base: name.optional(),
  body: z.string().nullish(),
  draft: z.boolean().optional(),
});
const checkBody = z.object({
  name,
  status: z.enum(PHASES).optional(),
  conclusion: z.enum(CONCLUSIONS).optional(),
  title: z.string().optional(),
  summary: z.string().optional(),
  log: z.string().optional(),
});
const reviewBody = z.object({
  as: name,
  state: z.enum(VERDICTS),
  body: z.string().optional(),
  notes: z.array(z.object({ path: name, line: z.number().int().positive(), body: z.string() })).optional(),
});
const statusBody = z.object({ as: name, context: name, state: z.enum(['error', 'failure', 'pending', 'success']) });
const asBody = z.object({ as: name });
const hookBody = z.object({
  url: z.url(),
  secret: name,
  lose: z.number().int().positive().optional(),
  double: z.number().int().positive().optional(),
  delayMs: z.number().int().min(0).optional(),
});
const faultBody = z.object({
  match: z.object({ method: name.optional(), path: name.optional() }),
  kind: z.enum([
    'status-after',
    'moved',
    'status',
    'primary-limit',
    'secondary-limit',
    'hang',
    'hang-answer',
    'reset',
    'lost-answer',
    'cut-body',
    'short-body',
    'partial-page',
    'delay',
  ]),
  times: z.number().int().min(1).nullish(),
  skip: z.number().int().min(0).optional(),
  status: z.number().int().min(400).max(599).optional(),
  body: z.unknown().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  retryAfterSeconds: z.number().min(0).optional(),
  resetSeconds: z.number().min(0).optional(),
  ms: z.number().min(0).optional(),
});

/** Leaves out what is undefined, as `exactOptionalPropertyTypes` wants it. */
type Present<T> = { [K in keyof T]: Exclude<T[K], undefined> };
const present = <T extends object>(value: T): Present<T> =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Present<T>;

function read<T extends object>(schema: z.ZodType<T>, body: Buffer): Present<T> {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8') || '{}');
  } catch {
    throw refusal(400, 'Problems parsing JSON');
  }
  const result = schema.safeParse(value);
  if (!result.success) throw refusal(422, z.prettifyError(result.error));
  return present(result.data);
}

/** Answers a control request; `path` is the part after `/__fake`. */
export async function answerControl(
  fake: Fake,
  actions: Actions,
  method: string,
  path: string,
  query: URLSearchParams,
  body: Buffer,
): Promise<Answer> {
  try {
    const [kind = '', id = '', part = '', last = ''] = path.slice(1).split('/').map(decodeURIComponent);
    const number = Number(id);
    switch (`${method} ${kind}${id === '' ? '' : '/N'}${part === '' ? '' : `/${part}`}`) {
      case 'GET journal':
        return ok(fake.journal.entries(Number(query.get('since') ?? 0)));
      case 'GET state':
        return ok({ ...fake.store.state, users: fake.store.state.users.map(({ tokens: _secret, ...user }) => user) });
      case 'GET webhooks':
        return ok(fake.hooks.sent());
      case 'POST webhooks':
        fake.hooks.aim(read(hookBody, body) as HookTarget);
        return ok({});
      case 'DELETE webhooks':
        fake.hooks.aim(null);
        return ok({});
      case 'GET faults':
        return ok(fake.faults.list().map((fault) => ({ ...fault, match: { ...fault.match, path: fault.match.path?.toString() } })));
      case 'POST faults':
        return ok({ id: fake.faults.add(read(faultBody, body) as FaultRequest).id });
      case 'DELETE faults':
      case 'DELETE faults/N':
        fake.faults.remove(id === '' ? undefined : number);
        return { status: 204 };
      case 'POST users':
        return ok({ token: actions.addUser(read(userBody, body)) });
      case 'DELETE users/N':
        actions.deleteUser(id);
        return { status: 204 };
      case 'POST issues': {
        const { as, ...issue } = read(issueBody, body);
        return ok({ number: actions.createIssue(as, issue) });
      }
      case 'PATCH issues/N': {
        const { as, ...change } = read(changeBody, body);
        actions.changeIssue(as, number, change);
        return { status: 204 };
      }
      case 'POST issues/N/labels': {
        const { as, label, force } = read(labelBody, body);
        actions.label(as, number, label, force);
        return { status: 204 };
      }
      case 'DELETE issues/N/labels':
        actions.unlabel(query.get('as') ?? '', number, last, query.get('force') === 'true');
        return { status: 204 };
      case 'POST issues/N/blockers': {
        const { as, by } = read(blockBody, body);
        actions.block(as, number, by);
        return { status: 204 };
      }
      case 'DELETE issues/N/blockers':
        actions.unblock(query.get('as') ?? '', number, Number(last));
        return { status: 204 };
      case 'POST issues/N/comments': {
        const { as, body: words } = read(commentBody, body);
        return ok({ id: actions.comment(as, number, words) });
      }
      case 'POST pulls': {
        const { as, body: words, ...pull } = read(pullBody, body);
        return ok({ number: await actions.createPull(as, { ...pull, body: words ?? null }) });
      }
      case 'POST pulls/N/merge':
        return ok({ commit: await actions.mergePull(read(asBody, body).as, number) });
      case 'POST pulls/N/ready':
        actions.markReady(number);
        return { status: 204 };
      case 'POST pulls/N/checks':
        actions.setCheck(number, read(checkBody, body));
        return { status: 204 };
      case 'GET logs/N': {
        const log = fake.store.state.checkRuns.find((run) => run.id === number)?.log;
        return log === undefined ? { status: 404 } : { status: 200, body: log, headers: { 'content-type': 'text/plain' } };
      }
      case 'POST pulls/N/reviews': {
        const { as, ...review } = read(reviewBody, body);
        actions.review(as, number, present(review));
        return { status: 204 };
      }
      case 'POST pulls/N/statuses': {
        const { as, ...status } = read(statusBody, body);
        actions.setStatus(as, number, status);
        return { status: 204 };
      }
      case 'POST rename':
        actions.rename(read(z.object({ name }), body).name);
        return { status: 204 };
      case 'POST forks':
        return ok({ cloneUrl: await actions.fork(read(z.object({ owner: name }), body).owner) });
      default:
        throw notFound();
    }
  } catch (error) {
    if (error instanceof Refused) return error.answer;
    throw error;
  }
}
