import type { z } from 'zod';
import { sameLabel, type Trigger } from '../../../core/model/forge.ts';
import type { Where } from '../login/repository.ts';
import type { Api } from '../rest/api.ts';
import { fromTheEnd } from '../rest/list.ts';
import { GitHubError } from '../rest/problem.ts';
import { eventShape, permissionShape } from '../rest/shapes.ts';

export type Event = z.output<typeof eventShape>;

/** What someone may do here now: GitHub's word, and the role's own name. */
export interface Right {
  readonly permission: string;
  readonly role: string;
}

/** The newest `labeled` event for the label, unless the label was taken off after it. */
export async function newestLabeling(...asked: Parameters<typeof lastLabelling>): Promise<Event | null> {
  const last = await lastLabelling(...asked);
  return last?.event === 'labeled' ? last : null;
}

/** When the label was last put on or taken off; null: GitHub has no record of it. */
export async function lastLabelling(api: Api, where: Where, issue: number, label: string, signal: AbortSignal): Promise<Event | null> {
  const { owner, name } = await where(signal);
  const out = api.endpoint('GET /repos/{owner}/{repo}/issues/{issue_number}/events', {
    owner,
    repo: name,
    issue_number: issue,
    per_page: 100,
  });
  let last: Event | null = null;
  await fromTheEnd(api, out, eventShape, { signal }, (events) => {
    last ??=
      events
        .filter((event) => event.label && sameLabel(event.label.name, label))
        .filter((event) => event.event === 'labeled' || event.event === 'unlabeled')
        // Times have whole seconds: within one, ids tell the order.
        .toSorted((a, b) => a.created_at - b.created_at || a.id - b.id)
        .at(-1) ?? null;
    return last === null;
  });
  return last;
}

/** No person, whatever rights it has. */
export const isBot = ({ type, login }: NonNullable<Event['actor']>): boolean => type !== 'User' || login.endsWith('[bot]');

const bare = (name: string): string => name.toLowerCase().replace(/\[bot\]$/, '');

/** Why this labelling starts no work, whatever the actor's rights; null: it depends on the rights, or a person has named this bot. */
export function refusal(event: Event | null, label: string, bots: readonly string[] = []): string | null {
  if (!event) return `GitHub has no record of who put "${label}" on: take it off and put it on again.`;
  const { actor } = event;
  const isNamed = (name: string): boolean => bots.some((one) => bare(one) === bare(name));
  if (!actor) return `The account that put "${label}" on is deleted: someone with write access has to put it on again.`;
  // A bot acts for whoever triggered it, and anyone can trigger a bot. That holds for tac8's own bot account too: an
  // issue that tac8 was talked into labelling must not start tac8.
  if (isBot(actor)) {
    // A person's account of the same name is no bot, and an organisation is nobody that acts.
    if (actor.login.endsWith('[bot]') && isNamed(actor.login)) return null;
    return `"${label}" was put on by ${actor.login}, which is not a person: someone with write access has to put it on.`;
  }
  const app = event.performed_via_github_app;
  if (app && !isNamed(app.slug))
    return `"${label}" was put on by the app ${app.slug} in the name of ${actor.login}: a person has to put it on.`;
  return null;
}

/** The actor's right on the repository now: `admin`, `write`, `read` or `none`, and the role's own name. */
export async function permissionOf(api: Api, where: Where, login: string, signal: AbortSignal): Promise<Right> {
  const { owner, name } = await where(signal);
  const out = api.endpoint('GET /repos/{owner}/{repo}/collaborators/{username}/permission', { owner, repo: name, username: login });
  try {
    const { value } = await api.read(out, permissionShape, { signal });
    return { permission: value.permission, role: value.role_name };
  } catch (error) {
    // The repository was just read, so this is about the account: unknown, renamed, or no collaborator.
    if (error instanceof GitHubError && error.status === 404) return { permission: 'none', role: '' };
    // A limit is a 403 too, and says nothing about rights.
    if (!(error instanceof GitHubError) || error.status !== 403 || error.sort !== 'terminal') throw error;
    throw new GitHubError('terminal', 403, `the token may not look up the rights of ${login}: ${error.message}`, {
      hint: 'Use a token with write access to the repository: without it tac8 cannot tell who may start work.',
      cause: error,
    });
  }
}

export const isWriter = ({ permission }: Right): boolean => permission === 'admin' || permission === 'write';

/** Maintainers count as `write` in GitHub's own mapping, triagers as `read`, custom roles as what they are built on. */
export function decide(event: Event, right: Right): Trigger {
  const actor = event.actor?.login ?? null;
  const allowed = isWriter(right);
  const role = right.role !== '' && right.role !== right.permission ? ` (role ${right.role})` : '';
  const why = allowed
    ? `${actor} put the label on and has ${right.permission} access${role}.`
    : `${actor} put the label on and has only ${right.permission} access${role}: someone with write access has to put it on.`;
  return { actor, at: event.created_at, allowed, why };
}
