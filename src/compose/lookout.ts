import { join } from 'node:path';
import { previewBoard } from '../adapters/board/preview.ts';
import { systemClock } from '../adapters/machine/clock.ts';
import { createReadings } from '../adapters/machine/readings.ts';
import { findRuns } from '../adapters/process/hold/strays.ts';
import type { RunId, TaskId } from '../core/model/task.ts';
import type { Forge } from '../engine/ports/outside/forge.ts';
import type { Store } from '../engine/ports/records/store.ts';
import { type Preview, type PreviewOptions, preview } from '../engine/preview.ts';
import { remoteName } from '../place/origin.ts';
import type { Project } from '../place/project.ts';
import { openForReading } from '../read/open.ts';
import { agentSettings } from './agents.ts';
import { forgeAccess } from './forge-access.ts';
import { asWritten, pinnedOrigin, remoteMemory } from './forge-address.ts';
import { type Environment, SILENT } from './log.ts';
import { policyOf } from './policy-of.ts';
import { once } from './premises.ts';

/** A look at everything as the daemon would look, with nothing that could change anything. */
export interface Lookout {
  readonly store: Store;
  /** Null: no repository on a forge is named. */
  readonly forge: Forge | null;
  /** The branch that tasks begin from, as far as it is known. */
  base(): string | null;
  look(task?: TaskId): Promise<Preview>;
  close(): void;
}

/** What a running worker or the forge is asked with is loaded where there is one: most looks need neither. */
export async function composeLookout(project: Project, env: Environment): Promise<Lookout> {
  const { root, state, logs, settings } = project;
  const store = openForReading(project);
  const isNew = store.fact('remote') === null;
  const hasRemote = remoteName(project.gitDir) !== null;
  const meaning = isNew && hasRemote ? await (await import('./remote/meaning.ts')).meaningNow(project, env) : asWritten(project.gitDir);
  const access = forgeAccess(settings, pinnedOrigin(store, meaning), env, SILENT);
  const memory = remoteMemory(store, meaning, false);
  const forge = access === null ? null : (await import('./forge.ts')).composeForge(access, memory, SILENT, project);
  const runs = join(state, 'runs');
  const agents = once(async () => {
    const { createListening } = await import('../adapters/agents/listening.ts');
    return createListening(() => agentSettings(project, settings, memory.base(), env));
  });
  const workspaces = once(async () => (await import('./workspaces.ts')).composeWorkspaces(project, { access, memory, log: SILENT, env }));
  const readBoard: PreviewOptions['readBoard'] = (base) => previewBoard(project.board, join(state, 'board'), base);
  const ports: PreviewOptions['ports'] = {
    store,
    forge,
    workers: {
      strays: async (isKnown) => (await findRuns(runs, logs)).filter(({ run }) => !isKnown(run)),
      probe: async (run, identity) => {
        const { probeRun } = await import('../adapters/process/run/probe.ts');
        return probeRun(runs, run, identity, { members: new Map(), folder: null });
      },
    },
    workspaces: {
      signs: async (task) => {
        const [{ readSigns }, { placesOf }] = await Promise.all([
          import('../adapters/git/trees/signs.ts'),
          import('../adapters/git/repository/places.ts'),
        ]);
        return readSigns(placesOf(root, settings.worktrees.dir, '.tac8'), task);
      },
      originOf: async (task) => (await workspaces()).originOf(task),
    },
    agents: {
      follow: async (run, now) => (await agents()).follow(run, now),
      logins: async () => (await agents()).logins(),
    },
    surroundings: {
      machine: createReadings({ root, thermal: join(settings.metrics.sysfs, 'class/thermal') }),
      names: () => ({ run: `w-${anyHex(6)}` as RunId, session: `${anyHex(8)}-${anyHex(4)}-4${anyHex(3)}-8${anyHex(3)}-${anyHex(12)}` }),
    },
    clock: systemClock,
    log: SILENT,
  };
  return {
    store,
    forge,
    base: memory.base,
    look: (task) => preview({ ports, readBoard, policy: policyOf(settings), pollInterval: settings.pollInterval }, task),
    close: store.close,
  };
}

/** Names that nothing will ever bear need no secret source. */
const anyHex = (digits: number): string => Array.from({ length: digits }, () => Math.floor(Math.random() * 16).toString(16)).join('');
