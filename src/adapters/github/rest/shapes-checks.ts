import { z } from 'zod';
import type { CheckSeen } from '../../../core/review/checks.ts';

/*
 * Check runs and commit statuses as GitHub lists them, reduced to what is said. Words that GitHub may add some day go through as they are.
 */

const run = z
  .object({ id: z.number(), name: z.string(), status: z.string(), conclusion: z.string().nullish() })
  .transform(({ id, name, status, conclusion }) => ({
    id,
    check: { kind: 'run', name, status, conclusion: conclusion ?? null } satisfies CheckSeen,
  }));

export const checkRunsShape = z
  .object({ total_count: z.number(), check_runs: z.array(run) })
  .transform(({ total_count, check_runs }) => ({ total: total_count, checks: check_runs }));

/** Those that failed, with the reason that they give. */
export const failedRunsShape = z.object({
  check_runs: z.array(
    z.object({
      id: z.number(),
      name: z.string(),
      conclusion: z.string().nullish(),
      details_url: z.string().nullish(),
      output: z.object({ title: z.string().nullish(), summary: z.string().nullish(), text: z.string().nullish() }).nullish(),
      app: z.object({ slug: z.string().nullish() }).nullish(),
    }),
  ),
});
export type FailedRun = z.output<typeof failedRunsShape>['check_runs'][number];

export const failedStatusesShape = z.object({
  statuses: z.array(z.object({ context: z.string(), state: z.string(), description: z.string().nullish() })),
});

const status = z
  .object({ id: z.number(), context: z.string(), state: z.string() })
  .transform(({ id, context, state }) => ({ id, check: { kind: 'status', name: context, state } satisfies CheckSeen }));

/** Its own `state` is "pending" where there is no status at all, and so is not read. */
export const combinedStatusShape = z
  .object({ total_count: z.number(), statuses: z.array(status) })
  .transform(({ total_count, statuses }) => ({ total: total_count, checks: statuses }));
