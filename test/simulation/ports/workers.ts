import type { ProcessIdentity } from '../../../src/core/model/run.ts';
import type { RunId } from '../../../src/core/model/task.ts';
import type { ProcessSeen } from '../../../src/core/tick/world.ts';
import { PortError } from '../../../src/engine/ports/error.ts';
import type { StraySeen, Workers } from '../../../src/engine/ports/machine/workers.ts';
import type { Life } from '../life.ts';
import type { Stage } from '../stage.ts';
import type { Line } from '../truth/conversations.ts';
import type { Process } from '../truth/kernel.ts';

const LAUNCH_LIMIT = 10_000;

/** Processes as the adapter sees them: by run folder, by pid with start time and boot, and by the marker in their environment. */
export function workersPort(stage: Stage, life: Life): Workers {
  const { kernel, conversations, troubles } = stage;

  /** The process that bears this identity, if it still lives. */
  function bearer(identity: ProcessIdentity | null): Process | null {
    if (identity === null) return null;
    if (identity.bootId !== kernel.bootId() && stage.without !== 'boot id') return null;
    const found = kernel.find(identity.pid);
    return found !== undefined && (found.startTime === identity.startTime || stage.without === 'start time') ? found : null;
  }

  function probe(run: RunId, given: ProcessIdentity | null): ProcessSeen {
    const folder = kernel.folders.get(run);
    const identity = given ?? folder?.identity ?? null;
    const members = kernel.membersOf(run);
    if (isBlind()) return { kind: 'gone', exit: null, rebooted: false };
    const bornIn = identity?.bootId ?? folder?.launchedIn ?? kernel.bootId();
    const agent = bearer(identity);
    if (identity !== null && agent !== null) return { kind: 'alive', identity, members: Math.max(1, members.length) };
    if (bornIn !== kernel.bootId()) return { kind: 'gone', exit: folder?.exit ?? null, rebooted: true };
    if (folder === undefined || folder.launchedIn === null) return { kind: 'never' };
    if (folder.isParentThere) throw new PortError('unknown', `the agent of ${run} is gone, and its parent has not recorded how it ended`);
    if (members.length > 0) return { kind: 'remains', exit: folder.exit, members: members.length };
    return { kind: 'gone', exit: folder.exit, rebooted: false };
  }

  /** A run's processes as they are found by the marker in their environment. */
  function stray(run: RunId): StraySeen[] {
    const folder = kernel.folders.get(run);
    const members = kernel.membersOf(run);
    const first = members.find(({ role }) => role === 'agent') ?? members[0];
    if (folder === undefined || first === undefined) return [];
    const identity = { pid: first.pid, startTime: first.startTime, bootId: kernel.bootId(), containment: { kind: 'sweep' } } as const;
    return [{ run, task: folder.task, process: identity, startedAt: stage.timeline.wall(), members: members.length }];
  }

  /** /proc shows nothing of anybody. Only where there are enough workers to notice. */
  const isBlind = (): boolean => troubles.is('blind') && kernel.liveRuns().size >= 3;

  return {
    async launch({ run, task, stdin }) {
      const folder = await life.call('workers.launch', () => kernel.makeFolder(run, task), { limit: LAUNCH_LIMIT });
      await life.call('workers.launch/spawn', () => {
        if (folder.launchedIn === null) kernel.startParent(folder, JSON.parse(stdin.prompt) as string[]);
      });
      for (let waited = 0; waited < LAUNCH_LIMIT; waited += 50) {
        if (folder.identity !== null) return life.call('workers.launch/identity', () => folder.identity ?? fail(run));
        await life.pause(50);
      }
      return fail(run);
    },
    probe: (run, identity) => life.call('workers.probe', () => probe(run, identity)),
    usage: async () => ({ processes: 1, memoryBytes: 64 * 1024 ** 2, cpuSeconds: 1 }),
    signal: (run, identity, signal) =>
      life.call('workers.signal', () => {
        const target = bearer(identity);
        if (signal !== 'SIGKILL') {
          if (target !== null) kernel.signal(target, signal, 'tac8');
          return { reached: target === null ? 0 : 1, left: kernel.membersOf(run).length };
        }
        const tree = new Set([...(target === null ? [] : [target]), ...kernel.membersOf(run)]);
        for (const process of tree) kernel.signal(process, 'SIGKILL', 'tac8');
        return { reached: tree.size, left: kernel.membersOf(run).length };
      }),
    // A lost database is no part of the simulation.
    // The look for strays finds what no record tells of: without the record, it has to be away, too.
    strays: (isKnown) =>
      life.call('workers.strays', () =>
        stage.without === 'intent record' ? [] : [...kernel.liveRuns()].filter((run) => !isKnown(run)).flatMap(stray),
      ),
    warmUp: () => undefined,
    holding: () => null,
    say: (run, line) => life.call('workers.say', () => conversations.say(run, JSON.parse(line) as Line)),
    closeInput: (run) => life.call('workers.closeInput', () => conversations.closeInput(run)),
  };
}

function fail(run: RunId): never {
  throw new PortError('unknown', `${run} was launched but its agent has not come up`);
}
