import { z } from 'zod';
import { PortError } from '../../../engine/ports/error.ts';
import { type AskOptions, askAs } from './ask.ts';
import type { AppKey } from './key.ts';
import { RIGHTS } from './rights.ts';

/** What GitHub sends a webhook of, where there is one. */
const EVENTS = ['issues', 'issue_comment', 'pull_request', 'pull_request_review', 'check_run', 'status', 'push'];
/** A longer name is refused. */
const LONGEST_NAME = 34;

export interface Wanted {
  readonly repo: { readonly owner: string; readonly name: string };
  /** The repository's page. */
  readonly page: string;
  /** Where the browser comes back to with the code, and after the App was installed. */
  readonly made: string;
  readonly installed: string;
  /** Where GitHub sends webhooks; null: nowhere. */
  readonly webhook: string | null;
}

const nameOf = (text: string): string =>
  text
    .replace(/[^A-Za-z0-9]+/g, '-')
    .slice(0, LONGEST_NAME)
    .split('-')
    .filter((part) => part !== '')
    .join('-');

/** What GitHub's form for a new App is filled with. */
export function manifestOf({ repo, page, made, installed, webhook }: Wanted): object {
  return {
    name: nameOf(`tac8-${repo.owner}-${repo.name}`),
    url: page,
    description: 'tac8 turns labelled issues into pull requests.',
    hook_attributes: { url: webhook ?? page, active: webhook !== null },
    redirect_url: made,
    setup_url: installed,
    public: false,
    default_permissions: RIGHTS,
    default_events: EVENTS,
  };
}

const madeShape = z.object({
  id: z.number().int().positive(),
  slug: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]*$/),
  pem: z.string(),
  webhook_secret: z.string().nullable(),
  html_url: z.url(),
});

/** The App that GitHub made, for the code that it gave the browser. The code is good once, and for an hour. */
export async function takeApp(options: AskOptions, code: string): Promise<AppKey> {
  const { answer } = await askAs(options)('POST', `/app-manifests/${encodeURIComponent(code)}/conversions`, null, null);
  const made = madeShape.safeParse(answer.data);
  if (!made.success) throw new PortError('terminal', 'GitHub made an App, and its answer is not what GitHub documents');
  const { id, slug, pem, webhook_secret: webhookSecret, html_url: page } = made.data;
  return { id, slug, pem, webhookSecret, page };
}
