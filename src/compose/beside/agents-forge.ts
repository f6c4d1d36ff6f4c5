import { join } from 'node:path';
import { createSockets } from '../../adapters/github/agents/sockets.ts';
import type { GitHubForge } from '../../adapters/github/forge.ts';
import type { Settings } from '../../config/settings.ts';
import type { Launch } from '../../engine/ports/machine/workers.ts';
import type { Log } from '../../engine/ports/records/log.ts';
import type { Store } from '../../engine/ports/records/store.ts';

/** GitHub for the workers of this machine, where a setting lets them read it. */
export interface AgentsForge {
  /** Gives the launch what it takes to ask, once it is otherwise as it is to be. */
  readonly after: (wrap?: (launch: Launch) => Promise<Launch>) => (launch: Launch) => Promise<Launch>;
  /** Serves the runs that are alive, until the answer is called. */
  readonly watch: () => () => void;
  readonly close: () => Promise<void>;
}

export interface AgentsForgeOptions {
  /** Where people look at the forge. */
  readonly host: string | null;
  readonly forge: Pick<GitHubForge, 'lane' | 'repository'> | null;
  readonly settings: Pick<Settings, 'github'>;
  /** `.tac8/` */
  readonly state: string;
  readonly store: Pick<Store, 'openRuns'>;
  readonly log: Log;
}

const LOOK_AGAIN = 10_000;
const asItIs = async (launch: Launch): Promise<Launch> => launch;
const NOTHING: AgentsForge = { after: (wrap = asItIs) => wrap, watch: () => () => undefined, close: async () => undefined };

export function composeAgentsForge({ host, forge, settings, state, store, log }: AgentsForgeOptions): AgentsForge {
  if (host === null || forge === null || settings.github.forAgents === 'off') return NOTHING;
  const sockets = createSockets({ lane: forge.lane, log, host, repository: forge.repository });
  const folderOf = (run: string): string => join(state, 'runs', run);
  const live = (): readonly string[] => store.openRuns().map(({ id }) => folderOf(id));
  return {
    after:
      (wrap = asItIs) =>
      async (launch) => {
        const wrapped = await wrap(launch);
        const words = await sockets.open(folderOf(launch.run));
        return words === null ? wrapped : { ...wrapped, env: { ...wrapped.env, ...words } };
      },
    watch() {
      const look = (): void => void sockets.keep(live());
      look();
      const timer = setInterval(look, LOOK_AGAIN);
      timer.unref();
      return () => clearInterval(timer);
    },
    close: sockets.close,
  };
}
