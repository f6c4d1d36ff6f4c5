import { z } from 'zod';
import type { PullForm } from '../../../core/model/forge.ts';
import { messageOf } from '../../../core/words/message-of.ts';
import { PortError } from '../../../engine/ports/error.ts';
import type { Where } from '../login/repository.ts';
import type { Api } from '../rest/api.ts';

const any = z.unknown();

/**
 * Puts labels, assignees and requests for reviews on a pull. One that GitHub refuses keeps neither the others nor the pull from being there: it is
 * answered in words. Again and again is once.
 */
export async function dressPull(
  api: Api,
  where: Where,
  pull: number,
  form: Omit<PullForm, 'title'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { owner, name } = await where(signal);
  const at = { owner, repo: name };
  const teams = form.reviewers.flatMap((one) => (one.includes('/') ? [one.slice(one.indexOf('/') + 1)] : []));
  const people = form.reviewers.filter((one) => !one.includes('/'));
  const wanted = [
    form.labels.length > 0 && {
      what: 'labels',
      out: api.endpoint('POST /repos/{owner}/{repo}/issues/{issue_number}/labels', { ...at, issue_number: pull, labels: [...form.labels] }),
    },
    form.assignees.length > 0 && {
      what: 'assignees',
      out: api.endpoint('POST /repos/{owner}/{repo}/issues/{issue_number}/assignees', {
        ...at,
        issue_number: pull,
        assignees: [...form.assignees],
      }),
    },
    form.reviewers.length > 0 && {
      what: 'reviewers',
      out: api.endpoint('POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers', {
        ...{ ...at, pull_number: pull, reviewers: people, team_reviewers: teams },
      }),
    },
  ].filter((one) => one !== false);
  const refused: string[] = [];
  for (const { what, out } of wanted)
    try {
      await api.change(out, any, signal);
    } catch (error) {
      // What GitHub did not refuse it may do the next time.
      if (signal.aborted || (error instanceof PortError && error.sort !== 'terminal')) throw error;
      refused.push(`pulls.${what}: ${messageOf(error)}`);
    }
  return refused;
}
