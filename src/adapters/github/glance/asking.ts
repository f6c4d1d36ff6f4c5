import { z } from 'zod';
import { messageOf } from '../../../core/words/message-of.ts';
import type { PortError } from '../../../engine/ports/error.ts';
import type { Log } from '../../../engine/ports/records/log.ts';
import type { Api } from '../rest/api.ts';
import { GitHubError } from '../rest/problem.ts';

/** A server that lacks what is asked is asked by REST alone, and tried again after this. */
const LACKING_FOR = 60 * 60_000;
/** GraphQL has an allowance of its own, and REST goes on while that is spent. It is the answer that says for how long; where it does not, this. */
const SPENT_FOR = 10 * 60_000;
/** Pulls in one question at most, and at least. */
const MOST = 50;
const LEAST = 5;
/** So many good answers in a row, and more is asked at once again. */
const GROWS_AFTER = 10;

export interface Answered {
  /** Its fields by alias; what is odd or refused in it is null. */
  readonly repository: Readonly<Record<string, unknown>>;
  /** Aliases of which a part was refused: what is null in them is not known to be so. */
  readonly spoilt: ReadonlySet<string>;
}

export interface Asking {
  /** How many pulls may be in one question. */
  size(): number;
  /** Whether it is of use to ask now. */
  isOff(): boolean;
  ask(document: string, variables: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<Answered>;
  /** Takes in that asking failed; true: asking for less at once may do. */
  failed(error: unknown): boolean;
}

const answerShape = z.object({ repository: z.record(z.string(), z.unknown()).nullish() }).nullish();

/** Questions to the GraphQL API for which REST stands in: smaller where the server runs out of time, and none for a while where it has none. */
export function createAsking(api: Api, log: Log, now: () => number): Asking {
  let size = MOST;
  let good = 0;
  let offUntil = 0;
  let told = '';

  function off(span: number, why: string): void {
    offUntil = now() + span;
    if (told !== why) log.info(`GitHub is asked by REST alone: ${why}`);
    told = why;
  }

  return {
    size: () => size,
    // A clock that was set back must not keep it off for ever.
    isOff: () => offUntil > now() && offUntil - now() <= LACKING_FOR,
    async ask(document, variables, signal) {
      const { data, errors } = await api.ask(document, variables, signal);
      const repository = answerShape.safeParse(data).data?.repository ?? null;
      if (repository === null) throw refusedBy(errors);
      const spoilt = new Set(errors.flatMap(({ path }) => (path[0] === 'repository' && path[1] !== undefined ? [path[1]] : [])));
      if (errors.some(({ path }) => path[1] === undefined)) throw refusedBy(errors);
      good += 1;
      if (good >= GROWS_AFTER && size < MOST) [size, good] = [Math.min(MOST, size * 2), 0];
      if (told !== '') log.info('GitHub is asked by GraphQL again');
      told = '';
      return { repository, spoilt };
    },
    failed(error) {
      good = 0;
      if (!(error instanceof GitHubError)) return false;
      if (error.sort === 'limited') return false;
      if (error.status === 429) off(Math.min(Math.max((error.until ?? 0) - now(), 0) || SPENT_FOR, LACKING_FOR), messageOf(error));
      else if (error.sort === 'terminal') off(LACKING_FOR, messageOf(error));
      else if (isTimeout(error) && size > LEAST) {
        size = Math.max(LEAST, Math.floor(size / 2));
        log.debug(`GitHub ran out of time: only ${size} pulls are asked for at once`);
        return true;
      }
      return false;
    },
  };
}

/** GitHub ends what takes it longer than ten seconds, and says so in several ways. */
const isTimeout = (error: PortError & { readonly status: number | null }): boolean =>
  error.status === 502 || error.status === 504 || (error.status === null && / within \d+ ms/.test(error.message));

interface Refusal {
  readonly type?: string | undefined;
  readonly message: string;
}

function refusedBy(errors: readonly Refusal[]): GitHubError {
  const words = errors.map(({ message }) => message).join('; ') || 'the answer has no repository';
  const message = `POST /graphql: GitHub answers: ${words}`.slice(0, 400);
  if (errors.some(({ type }) => type === 'RATE_LIMITED')) return new GitHubError('retryable', 429, message);
  if (/timed? ?out|something went wrong while executing/i.test(words)) return new GitHubError('retryable', 504, message);
  // A document that the server does not understand; all else may be mended by the next answer, or REST says what it is.
  const isLacking = errors.some(
    ({ type, message: text }) =>
      type === 'undefinedField' || /doesn't exist on type|doesn't accept argument|Cannot query field/i.test(text),
  );
  return new GitHubError(isLacking ? 'terminal' : 'retryable', 200, message);
}
