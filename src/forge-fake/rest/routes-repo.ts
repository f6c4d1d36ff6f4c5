import { addCheckRun, addStatus } from '../rules/checks.ts';
import { ensureLabel } from '../rules/issues.ts';
import { labelShape, nodeId, ownUserShape, repoApi } from '../shape/shapes.ts';
import { checkRunShape, collaboratorShape, combinedStatusShape, fullRepoShape, rootShape, statusShape } from '../shape/shapes-repo.ts';
import { type Answer, created, forbidden, invalid, loginNeeded, notFound, ok, refusal } from '../state/answer.ts';
import { barePath, type Fake } from '../state/fake.ts';
import { readBranches, runGit } from '../state/git.ts';
import { findUser, may, permissionWord, roleOf } from '../state/people.ts';
import { CONCLUSIONS, PHASES } from '../state/state.ts';
import { choiceField, nullableText, objectBody, textField } from './body.ts';
import { type Call, numberOf, page, type Route } from './router.ts';
import { writer } from './routes-issues.ts';

function getPermission(fake: Fake, call: Call): Answer {
  if (call.user === null) throw loginNeeded();
  if (!may(fake, call.user, 'write')) throw forbidden('Must have push access to view collaborator permission.');
  const login = call.params.login ?? '';
  const user = findUser(fake, login);
  if (user === null) throw notFound(`${login} is not a user`);
  const role = roleOf(fake, user);
  return ok({ permission: permissionWord(role), role_name: user.roleName ?? role, user: collaboratorShape(fake, user) });
}

function postLabel(fake: Fake, call: Call): Answer {
  if (!may(fake, writer(call), 'write')) throw forbidden();
  const body = objectBody(call);
  const name = textField(body, 'name');
  if (name === undefined) throw invalid({ resource: 'Label', code: 'missing_field', field: 'name' });
  if (fake.store.state.labels.some((label) => label.name.toLowerCase() === name.toLowerCase())) {
    throw invalid({ resource: 'Label', code: 'already_exists', field: 'name' });
  }
  return created(
    labelShape(fake, ensureLabel(fake, name, textField(body, 'color') ?? 'ededed', nullableText(body, 'description') ?? null)),
  );
}

function getLabel(fake: Fake, call: Call): Answer {
  const name = call.params.name?.toLowerCase();
  const label = fake.store.state.labels.find((one) => one.name.toLowerCase() === name);
  if (label === undefined) throw notFound();
  return ok(labelShape(fake, label));
}

/** A branch's name or a whole commit id, as a commit id. */
async function commitOf(fake: Fake, ref: string): Promise<string> {
  const sha = /^[0-9a-f]{40}$/.test(ref) ? ref : (await readBranches(barePath(fake))).get(ref.replace(/^heads\//, ''));
  if (sha === undefined) throw notFound(`No commit found for SHA: ${ref}`);
  return sha;
}

function postStatus(fake: Fake, call: Call): Answer {
  const as = writer(call);
  if (!may(fake, as, 'write')) throw forbidden();
  const body = objectBody(call);
  const state = choiceField(body, 'state', ['error', 'failure', 'pending', 'success']);
  if (state === undefined) throw invalid({ resource: 'Status', code: 'missing_field', field: 'state' });
  const status = addStatus(fake, as.login, call.params.sha ?? '', {
    state,
    context: textField(body, 'context') ?? 'default',
    description: nullableText(body, 'description') ?? null,
    targetUrl: nullableText(body, 'target_url') ?? null,
  });
  return created(statusShape(fake, status));
}

function postCheckRun(fake: Fake, call: Call): Answer {
  if (!may(fake, writer(call), 'write')) throw forbidden();
  const body = objectBody(call);
  const [name, sha] = [textField(body, 'name'), textField(body, 'head_sha')];
  if (name === undefined || sha === undefined)
    throw invalid({ resource: 'CheckRun', code: 'missing_field', field: name === undefined ? 'name' : 'head_sha' });
  const conclusion = choiceField(body, 'conclusion', CONCLUSIONS);
  const status = choiceField(body, 'status', PHASES);
  const run = addCheckRun(fake, sha, {
    name,
    ...(conclusion === undefined ? {} : { conclusion }),
    ...(status === undefined ? {} : { status }),
  });
  return created(checkRunShape(fake, run));
}

async function listCheckRuns(fake: Fake, call: Call): Promise<Answer> {
  const sha = await commitOf(fake, call.params.ref ?? '');
  const all = fake.store.state.checkRuns.filter((run) => run.sha === sha);
  const status = call.query.get('status');
  const newest = [...new Map(all.map((run) => [run.name, run])).values()].filter((run) => status === null || run.status === status);
  const paged = page(fake, call, `/commits/${sha}/check-runs`, newest, (run) => checkRunShape(fake, run));
  return { ...paged, body: { total_count: newest.length, check_runs: paged.body } };
}

/** Logs are kept elsewhere, at an address that bears its own permission: another host, as on GitHub. */
function getLog(fake: Fake, call: Call): Answer {
  if (call.user === null) throw loginNeeded();
  const run = fake.store.state.checkRuns.find(({ id, log }) => id === numberOf(call, 'id') && log !== undefined);
  if (run === undefined) throw notFound();
  const location = `${fake.url().replace('//127.0.0.1', '//localhost')}/__fake/logs/${run.id}`;
  return { status: 302, headers: { location } };
}

async function combinedStatus(fake: Fake, call: Call): Promise<Answer> {
  const sha = await commitOf(fake, call.params.ref ?? '');
  const { statuses, ...rest } = combinedStatusShape(fake, sha);
  const paged = page(fake, call, `/commits/${sha}/status`, statuses, (status) => statusShape(fake, status));
  return { ...paged, body: { ...rest, statuses: paged.body } };
}

/** One branch, by its full name below `refs/`. */
async function getRef(fake: Fake, call: Call): Promise<Answer> {
  const ref = call.params.ref ?? '';
  const sha = ref.startsWith('heads/') ? (await readBranches(barePath(fake))).get(ref.slice('heads/'.length)) : undefined;
  if (sha === undefined) throw notFound();
  const api = repoApi(fake);
  const object = { type: 'commit', sha, url: `${api}/git/commits/${sha}` };
  return ok({ ref: `refs/${ref}`, node_id: nodeId('REF', fake.store.state.repo.id), url: `${api}/git/refs/${ref}`, object });
}

/** A ref of any name, at a commit that is there. */
async function postRef(fake: Fake, call: Call): Promise<Answer> {
  if (!may(fake, writer(call), 'write')) throw forbidden();
  const body = objectBody(call);
  const [ref, sha] = [textField(body, 'ref') ?? '', textField(body, 'sha') ?? ''];
  if (!/^refs\/[^/]+\/./.test(ref)) throw refusal(422, "Reference name must start with 'refs' and contain at least two slashes.");
  const made = await runGit(barePath(fake), ['update-ref', '--', ref, sha, '']);
  if (made.code !== 0 || /^0*$/.test(sha)) throw refusal(422, 'Object does not exist');
  const api = repoApi(fake);
  const object = { type: 'commit', sha, url: `${api}/git/commits/${sha}` };
  const url = `${api}/git/${ref}`;
  return { status: 201, headers: { location: url }, body: { ref, node_id: nodeId('REF', fake.store.state.repo.id), url, object } };
}

async function deleteRef(fake: Fake, call: Call): Promise<Answer> {
  if (!may(fake, writer(call), 'write')) throw forbidden();
  const name = (call.params.ref ?? '').replace(/^heads\//, '');
  if (!(await readBranches(barePath(fake))).has(name)) throw refusal(422, 'Reference does not exist');
  await runGit(barePath(fake), ['update-ref', '-d', `refs/heads/${name}`]);
  return { status: 204 };
}

export const repoRoutes: readonly Route[] = [
  { method: 'GET', pattern: '/git/ref/*ref', handle: getRef },
  { method: 'POST', pattern: '/git/refs', handle: postRef },
  { method: 'DELETE', pattern: '/git/refs/*ref', handle: deleteRef },
  { method: 'GET', pattern: '', handle: (fake, call) => ok(fullRepoShape(fake, call.owner, call.user)) },
  { method: 'GET', pattern: '/collaborators/:login/permission', handle: getPermission },
  {
    method: 'GET',
    pattern: '/labels',
    handle: (fake, call) => page(fake, call, '/labels', fake.store.state.labels, (label) => labelShape(fake, label)),
  },
  { method: 'POST', pattern: '/labels', handle: postLabel },
  { method: 'GET', pattern: '/labels/:name', handle: getLabel },
  { method: 'POST', pattern: '/statuses/:sha', handle: postStatus },
  { method: 'POST', pattern: '/check-runs', handle: postCheckRun },
  {
    method: 'GET',
    pattern: '/commits/:ref/status',
    handle: combinedStatus,
  },
  { method: 'GET', pattern: '/commits/:ref/check-runs', handle: listCheckRuns },
  { method: 'GET', pattern: '/actions/jobs/:id/logs', handle: getLog },
];

function getUser(fake: Fake, call: Call): Answer {
  const user = findUser(fake, call.params.login ?? '');
  if (user === null) throw notFound();
  return ok(ownUserShape(fake, user));
}

/** Outside of any repository. `/rate_limit` is answered by the server, which counts. */
export const globalRoutes: readonly Route[] = [
  { method: 'GET', pattern: '/', handle: (fake) => ok(rootShape(fake)) },
  {
    method: 'GET',
    pattern: '/user',
    handle: (fake, call) => {
      if (call.user === null) throw loginNeeded();
      if (call.user.type === 'Bot' && call.user.login.endsWith('[bot]')) throw forbidden('Resource not accessible by integration');
      return ok(ownUserShape(fake, call.user));
    },
  },
  { method: 'GET', pattern: '/users/:login', handle: getUser },
];
