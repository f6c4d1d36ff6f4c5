import { z } from 'zod';
import { messageOf } from '../../../core/words/message-of.ts';
import { GitHubError } from '../rest/problem.ts';
import { type AskOptions, askAs } from './ask.ts';
import type { AppKey } from './key.ts';
import { type Granted, narrowed } from './rights.ts';

export interface AppTokensOptions extends AskOptions {
  readonly repo: { readonly owner: string; readonly name: string };
  readonly key: () => Promise<AppKey>;
}

export interface AppTokens {
  /** One that is good for minutes yet; a new one is asked for before the hour of the last is over. */
  token(): Promise<string>;
  /** GitHub refuses this one before its hour is over: the next is a new one. */
  forget(token: string): void;
  /** As which account the App writes. */
  login(): Promise<string>;
  /** What the App may do in the repository. */
  granted(): Promise<Granted>;
}

const rightsShape = z.record(z.string(), z.string());
const installationShape = z.object({ id: z.number(), permissions: rightsShape });
const tokenShape = z.object({
  token: z.string().regex(/^[\x21-\x7e]+$/),
  expires_at: z.iso.datetime({ offset: true }),
  repositories: z.array(z.object({ id: z.number() })).optional(),
});

/** A request that is sent now has this long to come back. */
const GOOD_FOR = 10 * 60_000;
/** What is still good serves where no new one is to be had. */
const LEAST = 60_000;

interface Kept {
  readonly token: string;
  readonly expiresAt: number;
  readonly granted: Granted;
}

/** Tokens of a GitHub App: for one repository, with the rights that tac8 needs, for an hour each. */
export function createAppTokens(options: AppTokensOptions): AppTokens {
  const { repo, now, log } = options;
  const ask = askAs(options);
  let kept: Kept | null = null;
  let underWay: Promise<Kept> | null = null;
  /** The repository's number, which no rename changes. */
  let number: number | null = null;

  async function installation(key: AppKey): Promise<z.output<typeof installationShape>> {
    const path = number === null ? `/repos/${repo.owner}/${repo.name}` : `/repositories/${number}`;
    try {
      const { answer, url } = await ask('GET', `${path}/installation`, null, key);
      const moved = /\/repositories\/(\d+)\/installation$/.exec(new URL(url).pathname)?.[1];
      if (moved !== undefined) number = Number(moved);
      return installationShape.parse(answer.data);
    } catch (error) {
      if (!(error instanceof GitHubError)) throw error;
      if (error.status === 404)
        throw new GitHubError('terminal', 404, `the GitHub App ${key.slug} is not installed on ${repo.owner}/${repo.name}`, {
          hint: `Install it there: ${key.page}/installations/new`,
          cause: error,
        });
      if (error.status === 401)
        throw new GitHubError('terminal', 401, `GitHub refuses the key of the App ${key.slug}`, {
          hint: `Look at ${key.page}: was the App deleted, or its key? \`tac8 init --app\` makes another one.`,
          cause: error,
        });
      throw error;
    }
  }

  async function renew(): Promise<Kept> {
    const key = await options.key();
    const { id, permissions: granted } = await installation(key);
    const which = number === null ? { repositories: [repo.name] } : { repository_ids: [number] };
    const { answer } = await ask('POST', `/app/installations/${id}/access_tokens`, { ...which, permissions: narrowed(granted) }, key);
    const { token, expires_at, repositories } = tokenShape.parse(answer.data);
    number ??= repositories?.length === 1 ? (repositories[0]?.id ?? null) : null;
    log.debug('GitHub gave a new token for the App', { app: key.slug, until: expires_at });
    return { token, expiresAt: Date.parse(expires_at), granted };
  }

  /** Askers at the same time share one question. */
  const renewed = (): Promise<Kept> => {
    underWay ??= renew()
      .then((fresh) => {
        kept = fresh;
        return fresh;
      })
      .catch((error: unknown) => {
        if (!(error instanceof z.ZodError)) throw error;
        throw new GitHubError('retryable', null, 'GitHub’s answer about the App is cut short or not what it documents', { cause: error });
      })
      .finally(() => {
        underWay = null;
      });
    return underWay;
  };

  return {
    async token() {
      if (kept !== null && kept.expiresAt - now() > GOOD_FOR) return kept.token;
      try {
        return (await renewed()).token;
      } catch (error) {
        if (kept === null || kept.expiresAt - now() < LEAST) throw error;
        log.warn(`no new token for the GitHub App yet, the last one still serves: ${messageOf(error)}`, { at: now() });
        return kept.token;
      }
    },
    forget(token) {
      if (kept?.token === token) kept = null;
    },
    login: async () => `${(await options.key()).slug}[bot]`,
    granted: async () => (await renewed()).granted,
  };
}
