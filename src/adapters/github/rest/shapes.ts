import { z } from 'zod';

/*
 * What tac8 relies on in GitHub's answers, and nothing more: a field that is not named here may change or vanish.
 * Fields that the 2026-03-10 version of the API takes away (assignee, merge_commit_sha, …) are not used.
 */

const time = z.string().transform((text, context) => {
  const at = Date.parse(text);
  if (!Number.isNaN(at)) return at;
  context.addIssue({ code: 'custom', message: `not a time: ${text.slice(0, 40)}` });
  return z.NEVER;
});

/** Null for a deleted account. */
const account = z.object({ login: z.string(), type: z.string() }).nullable();
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

export const userShape = z.object({ login: z.string().min(1) });

export const repositoryShape = z.object({
  id: z.number(),
  name: z.string(),
  owner: z.object({ login: z.string() }),
  default_branch: z.string().min(1),
});

export const issueShape = z.object({
  id: z.number(),
  number: z.number().int().positive(),
  title: z.string(),
  body: text,
  state: z.string(),
  user: account,
  // A label may come as a bare string.
  labels: z.array(z.union([z.string(), z.object({ name: text }).transform((label) => label.name)])),
  locked: z.boolean().optional(),
  milestone: z.object({ title: z.string() }).nullish(),
  assignees: z.array(account).nullish(),
  closed_by: account.optional(),
  html_url: z.string(),
  repository_url: z.string(),
  created_at: time,
  updated_at: time,
  // `blocked_by` counts the open ones alone. Older Enterprise Servers have none of this.
  issue_dependencies_summary: z.object({ blocked_by: z.number(), total_blocked_by: z.number().optional() }).nullish(),
  // Present: the list holds pulls too, and this is one.
  pull_request: z.unknown().optional(),
});

export const pullShape = z.object({
  id: z.number(),
  number: z.number().int().positive(),
  html_url: z.string(),
  title: z.string(),
  body: text,
  user: account,
  state: z.enum(['open', 'closed']),
  draft: z.boolean().optional(),
  merged_at: z.string().nullish(),
  updated_at: time.optional(),
  base: z.object({ ref: z.string() }),
  head: z.object({
    ref: z.string(),
    sha: z.string(),
    // Null when the fork is deleted.
    repo: z.object({ id: z.number(), owner: z.object({ login: z.string() }) }).nullable(),
  }),
});

/** `mergeable` is null while GitHub works it out. */
export const mergingShape = z.object({
  state: z.enum(['open', 'closed']),
  mergeable: z.boolean().nullish(),
  mergeable_state: text,
  node_id: z.string(),
  draft: z.boolean().optional(),
  // Present: somebody asked that it is merged as soon as it may be.
  auto_merge: z.object({}).nullish(),
  head: z.object({ sha: z.string() }),
  base: z.object({ ref: z.string() }),
});

export const refShape = z.object({ object: z.object({ sha: z.string() }) });

export const commentShape = z.object({ id: z.number(), html_url: z.string(), body: text, user: account });

export const datedCommentShape = z.object({ ...commentShape.shape, issue_url: z.string(), created_at: time, updated_at: time });

export const reactionShape = z.object({ id: z.number() });

export const reviewShape = z.object({ id: z.number(), user: account, body: text, state: z.string(), commit_id: z.string().nullish() });

/** Who may not write is not shown which ways of merging there are. */
export const waysShape = z.object({
  allow_merge_commit: z.boolean().optional(),
  allow_squash_merge: z.boolean().optional(),
  allow_rebase_merge: z.boolean().optional(),
});

export const mergedShape = z.object({ merged: z.literal(true) });

/** `line` is null where the line is gone since. */
export const reviewCommentShape = z.object({
  id: z.number(),
  pull_request_review_id: z.number().nullish(),
  user: account,
  path: z.string(),
  line: z.number().nullish(),
  original_line: z.number().nullish(),
  body: text,
});

/** One of some forty kinds; only `labeled` and `unlabeled` have a label. */
export const eventShape = z.object({
  id: z.number(),
  event: z.string(),
  created_at: time,
  actor: account.optional(),
  label: z.object({ name: text }).optional(),
  performed_via_github_app: z.object({ slug: text }).nullish(),
});

/** `permission` maps maintain to write and triage to read, and a custom role to what it is built on; `role_name` is only shown. */
export const permissionShape = z.object({ permission: z.string(), role_name: text });
