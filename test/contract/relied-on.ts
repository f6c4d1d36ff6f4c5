import type { Exchange } from '../support/forge/openapi.ts';

/*
 * The fields that tac8 reads. GitHub's description leaves many of them optional, so that it alone would not notice their absence.
 * `a.b` goes into an object, `a[].b` into each item of a list; a `?` after a name lets it be null and ends the path there.
 */
const USER = ['login', 'type'];
const within = (name: string, fields: readonly string[]): string[] => fields.map((field) => `${name}.${field}`);

/** What the list says of dependencies, and what one of them is. */
const DEPENDENCIES = within('issue_dependencies_summary', ['blocked_by', 'total_blocked_by']);
const ISSUE = [
  'id',
  'number',
  'title',
  'body',
  'state',
  'html_url',
  'repository_url',
  'created_at',
  'updated_at',
  'labels[].name',
  ...within('user', USER),
];
const END = ['ref', 'sha', 'label', 'repo?.id', 'repo?.full_name', 'repo?.owner.login'];
const PULL = [
  ...['id', 'number', 'html_url', 'title', 'body', 'state', 'draft', 'merged_at', 'created_at', 'updated_at'],
  ...[...within('user', USER), ...within('head', END), ...within('base', END)],
];
const COMMENT = ['id', 'html_url', 'body', 'created_at', 'updated_at', ...within('user', USER)];
const EVENT = ['id', 'event', 'created_at', 'actor?.login', 'performed_via_github_app'];
const REPOSITORY = ['id', 'name', 'full_name', 'default_branch', 'private', 'owner.login', 'clone_url'];

const each = (fields: readonly string[]): string[] => fields.map((field) => `[].${field}`);

export const RELIED_ON: Readonly<Record<string, readonly string[]>> = {
  'issues/list-for-repo': each([...ISSUE, ...DEPENDENCIES]),
  'issues/get': [...ISSUE, ...DEPENDENCIES],
  'issues/list-dependencies-blocked-by': each(['id', 'number', 'state', 'repository_url']),
  'issues/create': ISSUE,
  'issues/update': ISSUE,
  'issues/list-comments': each(COMMENT),
  'issues/create-comment': COMMENT,
  'issues/list-events': each(EVENT),
  'issues/list-events-for-timeline': each(['event', 'created_at', 'actor?.login']),
  'pulls/list': each(PULL),
  'pulls/get': [...PULL, 'merged', 'mergeable', 'commits', 'changed_files'],
  'pulls/create': PULL,
  'repos/get': REPOSITORY,
  'repos/get-collaborator-permission-level': ['permission', 'role_name', 'user?.login'],
  'checks/list-for-ref': ['total_count', ...within('check_runs[]', ['id', 'name', 'status', 'conclusion?'])],
  'repos/get-combined-status-for-ref': ['total_count', ...within('statuses[]', ['id', 'context', 'state'])],
  'users/get-authenticated': ['login', 'id'],
  'rate-limit/get': ['resources.core.limit', 'resources.core.remaining', 'resources.core.reset'],
};

/** What a client of GitHub looks at in a refusal. */
const ERROR = ['message', 'documentation_url', 'status'];

/** The relied-on fields that this answer does not have. */
export function missingFields(operation: string | null, one: Pick<Exchange, 'method' | 'status' | 'body'>): readonly string[] {
  if (one.body === undefined || one.status >= 500) return [];
  const fields = one.status >= 400 ? ERROR : one.status >= 300 ? ['message', 'url'] : (RELIED_ON[operation ?? ''] ?? []);
  const missing = fields.filter((field) => !has(one.body, field));
  // A label event without its label says nothing.
  const events = operation === 'issues/list-events' && Array.isArray(one.body) ? one.body : [];
  const bare = events.some((event) => /labeled$/.test(event.event) && typeof event.label?.name !== 'string');
  return bare ? [...missing, '[].label.name'] : missing;
}

function has(value: unknown, path: string): boolean {
  if (path === '') return true;
  const [, name = '', mark = '', rest = ''] = /^([^.?[]*)(\?|\[\])?\.?(.*)$/.exec(path) ?? [];
  const inner = name === '' ? value : typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  if (inner === undefined) return false;
  if (mark === '[]') return Array.isArray(inner) && inner.every((item) => has(item, rest));
  return mark === '?' && inner === null ? true : has(inner, rest);
}
