import type { Beginning, GitWorkspaces } from '../../../src/adapters/git/workspaces.ts';
import type { Parcel } from '../../../src/adapters/machines/packs.ts';
import type { RunId, TaskId } from '../../../src/core/model/task.ts';
import { PortError } from '../../../src/engine/ports/error.ts';
import type { Workspaces } from '../../../src/engine/ports/repository/workspaces.ts';
import type { Life } from '../life.ts';
import type { RepositoryTruth, Snapshot } from '../truth/repository.ts';

const BASE = 'b'.repeat(40);

interface Sent {
  readonly task: TaskId;
  readonly commits: readonly string[];
  readonly saved: readonly {
    readonly ref: string;
    readonly run: RunId | null;
    readonly edits: readonly string[];
    readonly commits: readonly string[];
  }[];
}

const pack = (refs: Readonly<Record<string, string>>, sent: Sent): Parcel => ({ refs, bytes: Buffer.from(JSON.stringify(sent)) });

function unpack({ bytes }: Parcel): { readonly task: TaskId; readonly commits: readonly string[]; readonly saved: readonly Snapshot[] } {
  const sent = JSON.parse(String(bytes)) as Sent;
  return { ...sent, saved: sent.saved.map((one) => ({ ...one, edits: new Set(one.edits) })) };
}

const begins = (all: readonly string[], start: readonly string[]): boolean => start.every((commit, at) => all[at] === commit);

/** What git does for machines, beside the port: commits and saved work sent, and taken in as they are by the real one. */
export function gitFor(port: Workspaces, repository: RepositoryTruth, life: Life): GitWorkspaces {
  const call = <T>(name: string, effect: () => T): Promise<T> => life.call(`workspaces.${name}`, effect, { limit: 120_000 });
  const sent = (task: TaskId): Sent => ({
    task,
    commits: repository.branches.get(task) ?? [],
    saved: repository.savedOf(task).map((one) => ({ ...one, edits: [...one.edits] })),
  });
  const refsOf = (task: TaskId, branch: string): Record<string, string> => ({
    ...(repository.branches.get(task)?.length ? { [`refs/heads/${branch}`]: repository.branches.get(task)?.at(-1) ?? '' } : {}),
    ...Object.fromEntries(repository.savedOf(task).map(({ ref }) => [ref, 'a'.repeat(40)])),
  });
  const more: Partial<GitWorkspaces> = {
    tips: () => call('tips', () => [BASE, ...[...repository.branches.values()].flat()]),
    packToBegin: ({ id, branch }) =>
      call('packToBegin', (): Beginning => {
        const newest = repository.savedOf(id).at(-1)?.ref ?? null;
        return { ...pack({ 'refs/heads/main': BASE, ...refsOf(id, branch) }, sent(id)), base: 'main', saved: newest };
      }),
    packOfWork: ({ id, branch }) => call('packOfWork', () => pack(refsOf(id, branch), sent(id))),
    takeWork: ({ id }, parcel) =>
      call('takeWork', () => {
        const { commits, saved } = unpack(parcel);
        const here = repository.branches.get(id) ?? [];
        repository.adopt(id, null, saved);
        // Of saved work alone: the branch is not told of.
        if (!Object.keys(parcel.refs).some((name) => name.startsWith('refs/heads/')) || begins(here, commits)) return;
        if (!begins(commits, here)) throw new PortError('terminal', `the branch of ${id} was moved outside meanwhile`);
        repository.adopt(id, commits, []);
      }),
    takeToBegin: (parcel) =>
      call('takeToBegin', () => {
        const { task, commits, saved } = unpack(parcel);
        // A branch that a worktree has checked out stays where it is.
        repository.adopt(task, repository.trees.has(task) ? null : commits, saved);
      }),
    restore: async ({ id }, request) => {
      await call('restore', () => repository.putBack(id, request?.ref ?? ''));
      return { ref: request?.ref ?? '', path: '', head: null, repositories: { restored: [], filesOnly: [] } };
    },
    listSaved: (task) =>
      call('listSaved', () =>
        (task === null ? [] : repository.savedOf(task))
          .map(({ ref, run }, n) => ({
            ...{ ref, commit: 'a'.repeat(40), tree: '', parents: [], task: task ?? '', run: run ?? '', n, at: 0, reason: '', head: null },
            branch: null,
          }))
          .reverse(),
      ) as unknown as ReturnType<GitWorkspaces['listSaved']>,
  };
  return { ...port, ...more } as GitWorkspaces;
}
