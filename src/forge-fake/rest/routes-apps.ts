import { appOfProof, giveToken, redeem } from '../apps/apps.ts';
import { ownUserShape } from '../shape/shapes.ts';
import { repoShape } from '../shape/shapes-repo.ts';
import { type Answer, loginNeeded, notFound, ok } from '../state/answer.ts';
import type { Fake } from '../state/fake.ts';
import { findUser } from '../state/people.ts';
import type { App } from '../state/state.ts';
import { objectBody } from './body.ts';
import { type Call, numberOf, type Route } from './router.ts';

function ownerOf(fake: Fake): unknown {
  const owner = findUser(fake, fake.store.state.repo.owner);
  return owner === null ? null : ownUserShape(fake, owner);
}

const appShape = (fake: Fake, app: App): Record<string, unknown> => ({
  id: app.id,
  client_id: `Iv23li${app.id}`,
  slug: app.slug,
  node_id: `A_${app.id}`,
  owner: ownerOf(fake),
  name: app.name,
  description: null,
  external_url: app.url,
  html_url: `${fake.url()}/apps/${app.slug}`,
  created_at: app.createdAt,
  updated_at: app.createdAt,
  permissions: app.permissions,
  events: app.events,
});

function convert(fake: Fake, call: Call): Answer {
  const { app, pem } = redeem(fake, call.params.code ?? '');
  const secrets = { client_secret: 'fake-client-secret', webhook_secret: app.webhookSecret, pem };
  return { status: 201, body: { ...appShape(fake, app), ...secrets } };
}

const prover = (fake: Fake, call: Call): App => {
  if (call.proof === null) throw loginNeeded();
  return appOfProof(fake, call.proof);
};

function installationShape(fake: Fake, app: App): Record<string, unknown> {
  if (app.installation === null) throw notFound();
  const { id, permissions, createdAt } = app.installation;
  const api = `${fake.url()}/app/installations/${id}`;
  return {
    id,
    account: ownerOf(fake),
    repository_selection: 'selected',
    access_tokens_url: `${api}/access_tokens`,
    repositories_url: `${fake.url()}/installation/repositories`,
    html_url: `${fake.url()}/settings/installations/${id}`,
    app_id: app.id,
    client_id: `Iv23li${app.id}`,
    target_id: findUser(fake, fake.store.state.repo.owner)?.id ?? 0,
    target_type: 'Organization',
    permissions,
    events: app.events,
    created_at: createdAt,
    updated_at: createdAt,
    single_file_name: null,
    app_slug: app.slug,
    suspended_by: null,
    suspended_at: null,
  };
}

function giveAccess(fake: Fake, call: Call): Answer {
  const app = prover(fake, call);
  if (app.installation?.id !== numberOf(call, 'id')) throw notFound();
  const { repositories, repository_ids: ids, permissions } = objectBody(call);
  const { repo } = fake.store.state;
  const isOurs = (Array.isArray(repositories) ? repositories : [repo.name]).every((name) => name === repo.name);
  const isOurNumber = (Array.isArray(ids) ? ids : [repo.id]).every((id) => id === repo.id);
  if (!isOurs || !isOurNumber)
    throw notFound('There is at least one repository that does not exist or is not accessible to the parent installation.');
  const given = giveToken(fake, app, (permissions ?? {}) as Record<string, string>);
  const narrowed = repositories === undefined && ids === undefined ? {} : { repositories: [repoShape(fake)] };
  return {
    status: 201,
    body: {
      token: given.token,
      expires_at: given.expiresAt,
      permissions: given.permissions,
      repository_selection: 'selected',
      ...narrowed,
    },
  };
}

/** Outside of any repository. */
export const appRoutes: readonly Route[] = [
  { method: 'POST', pattern: '/app-manifests/:code/conversions', handle: convert },
  { method: 'GET', pattern: '/app', handle: (fake, call) => ok(appShape(fake, prover(fake, call))) },
  { method: 'POST', pattern: '/app/installations/:id/access_tokens', handle: giveAccess },
];

export const installationRoute: Route = {
  method: 'GET',
  pattern: '/installation',
  handle: (fake, call) => ok(installationShape(fake, prover(fake, call))),
};
