import { z } from 'zod';
import { document, html } from '../shape/html.ts';
import { fullName } from '../shape/shapes.ts';
import { type Answer, notFound, refusal } from '../state/answer.ts';
import type { Fake } from '../state/fake.ts';
import { appBySlug, installApp, makeApp } from './apps.ts';

/*
 * The pages by which a person makes an App and installs it. Whoever opens them is the owner of the repository.
 */

const manifestShape = z.object({
  name: z.string().min(1),
  url: z.url(),
  redirect_url: z.url(),
  setup_url: z.url().optional(),
  hook_attributes: z.object({ url: z.url(), active: z.boolean().optional() }).optional(),
  default_permissions: z.record(z.string(), z.enum(['read', 'write', 'admin'])).optional(),
  default_events: z.array(z.string()).optional(),
});

function manifestIn(text: string | null): z.output<typeof manifestShape> {
  try {
    return manifestShape.parse(JSON.parse(text ?? ''));
  } catch (error) {
    throw refusal(422, `the manifest is none: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const page = (body: string): Answer => ({ status: 200, body, headers: { 'content-type': 'text/html; charset=utf-8' } });
const leadTo = (location: string): Answer => ({ status: 302, headers: { location } });

function withQuery(address: string, more: Readonly<Record<string, string>>): string {
  const url = new URL(address);
  for (const [key, value] of Object.entries(more)) url.searchParams.set(key, value);
  return url.href;
}

/** Null: the path is none of these pages. */
export function answerAppPage(fake: Fake, method: string, url: URL, body: Buffer): Answer | null {
  const frame = (title: string) => ({ repo: fullName(fake), title });
  const form = new URLSearchParams(body.toString('utf8'));
  if (method === 'POST' && /^\/(?:settings|organizations\/[^/]+\/settings)\/apps\/new$/.test(url.pathname)) {
    const manifest = manifestIn(form.get('manifest'));
    const rights = Object.entries(manifest.default_permissions ?? {}).map(([right, level]) => html`<li>${right}: ${level}</li>`);
    return page(
      document(
        frame('Create GitHub App'),
        html`<h1>Create GitHub App</h1><p>${manifest.name}</p><ul>${rights}</ul>
<form method="post" action="/settings/apps"><input type="hidden" name="manifest" value="${JSON.stringify(manifest)}">
<input type="hidden" name="state" value="${url.searchParams.get('state')}"><button>Create GitHub App</button></form>`,
      ),
    );
  }
  if (method === 'POST' && url.pathname === '/settings/apps') {
    const manifest = manifestIn(form.get('manifest'));
    return leadTo(withQuery(manifest.redirect_url, { code: makeApp(fake, manifest), state: form.get('state') ?? '' }));
  }
  const [, slug = '', rest] = /^\/apps\/([a-z0-9-]+)\/installations(\/new)?$/.exec(url.pathname) ?? [];
  if (slug === '') return null;
  const app = appBySlug(fake, slug);
  if (method === 'GET' && rest !== undefined)
    return page(
      document(
        frame(`Install ${app.name}`),
        html`<h1>Install ${app.name}</h1><form method="post" action="/apps/${slug}/installations"><button>Install</button></form>`,
      ),
    );
  if (method !== 'POST') throw notFound();
  const id = installApp(fake, app);
  const back = app.setupUrl ?? `${fake.url()}/settings/installations/${id}`;
  return leadTo(withQuery(back, { installation_id: String(id), setup_action: 'install' }));
}
