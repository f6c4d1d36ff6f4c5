import type { TaskId } from '../../../src/core/model/task.ts';
import { PortError } from '../../../src/engine/ports/error.ts';
import type { Workspaces } from '../../../src/engine/ports/repository/workspaces.ts';
import type { Life } from '../life.ts';
import type { Stage } from '../stage.ts';

const GIT_LIMIT = 2 * 60_000;

/** Worktrees as the adapter makes and saves them. */
export function workspacesPort(stage: Stage, life: Life): Workspaces {
  const { repository } = stage;
  const limit = GIT_LIMIT;
  const saves = stage.without !== 'salvage';
  /** That git refused is remembered: what is said of it later must be true. */
  const told = <T>(task: TaskId, answer: Promise<T>): Promise<T> =>
    answer.catch((error: unknown) => {
      if (!life.isLeaving()) stage.witness.gitRefused(task);
      throw error;
    });
  const sent = <T>(task: TaskId, answer: Promise<T>): Promise<T> =>
    answer.catch((error: unknown) => {
      if (!life.isLeaving()) stage.witness.deliveryRefused(task);
      throw error;
    });
  return {
    prepareRepository: () => life.call('workspaces.prepareRepository', () => undefined),
    refresh: () => life.call('workspaces.refresh', () => null, { limit }),
    pathOf: (task) => `/repository/trees/${task}`,
    async ensure({ id }, signal) {
      const { tree, created } = await told(
        id,
        life.call('workspaces.ensure', () => repository.makeTree(id), { signal, limit }),
      );
      await told(
        id,
        life.call('workspaces.ensure/setup', () => Object.assign(tree, { isReady: true }), { signal, limit: 5 * limit }),
      );
      return { path: `/repository/trees/${id}`, baseCommit: 'b'.repeat(40), created };
    },
    pullTemplate: () => life.call('workspaces.pullTemplate', () => null),
    originOf: () => life.call('workspaces.originOf', () => ({ baseCommit: 'b'.repeat(40), branch: null })),
    inspect: ({ id }) =>
      told(
        id,
        life.call(
          'workspaces.inspect',
          () => {
            const commits = repository.branches.get(id) ?? [];
            const tree = repository.trees.get(id);
            return {
              head: commits.at(-1) ?? 'b'.repeat(40),
              commits: commits.length,
              dirty: (tree?.dirty.size ?? 0) > 0,
              question: tree?.blocked ?? null,
            };
          },
          { limit },
        ),
      ),
    save: ({ id }, run) =>
      told(
        id,
        life.call('workspaces.save', () => (saves ? repository.save(id, run) : { ref: null, commit: null }), { limit }),
      ),
    mendAfterKill: () => life.call('workspaces.mend', () => ({ done: [] }), { limit }),
    commitWip: ({ id }, _message) => life.call('workspaces.commit', () => repository.commitAll(id), { limit }),
    push: ({ id, branch }, signal) =>
      sent(
        id,
        life.call(
          'workspaces.push',
          () => {
            const commit = repository.push(id);
            if (commit === null) throw new PortError('terminal', `the branch ${branch} does not exist`);
            return { commit, remote: 'origin' };
          },
          { signal, limit },
        ),
      ),
    remove: ({ id }) =>
      life.call(
        'workspaces.remove',
        () => {
          if (saves && repository.unsaved(id).length > 0)
            throw new PortError('retryable', `the worktree of ${id} holds work that is not saved`);
          repository.remove(id);
        },
        { limit },
      ),
    signs: (task) =>
      life.call('workspaces.signs', () => ({
        stop: repository.trees.get(task)?.stop ?? null,
        stopAt: repository.trees.get(task)?.stopAt ?? 0,
        blocked: repository.trees.get(task)?.blocked ?? null,
      })),
    consumeSigns: (task) =>
      life.call('workspaces.consumeSigns', () => {
        repository.consume(task, stage.without !== 'STOP consumption');
      }),
  };
}
