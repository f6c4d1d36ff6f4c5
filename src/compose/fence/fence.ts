import type { GitWorkspaces } from '../../adapters/git/workspaces.ts';
import type { Policy } from '../../core/tick/policy.ts';
import type { Site } from '../../engine/act/site.ts';
import type { Ports } from '../../engine/ports/context.ts';
import type { Store } from '../../engine/ports/records/store.ts';

/** Places besides this machine, each by its name. `home`: this one. */
export interface OtherMachines extends Fence {
  sites(parts: FarParts): (home: Site) => (name: string) => Site;
  /** The store in the file at `path`, whose changes go to where another coordinator finds them. */
  keeping(store: Store, path: string): Store;
}

/** What a daemon has in hand for its work with other machines. */
export interface FarParts extends Pick<Ports, 'log' | 'store'> {
  readonly workspaces: GitWorkspaces;
  readonly logs: string;
  readonly policy: () => Policy;
}

/** What a coordinator of machines has to know before it acts outside. */
export interface Fence {
  /** Waits until all that was decided is where another coordinator would find it. Throws where another has the lead, or nobody can tell. */
  mayAct(): Promise<void>;
  /** As whom issues are claimed, whichever coordinator has the lead. */
  readonly owner: string;
}

/** Pushes and claims wait for the fence; what is written at the forge waits for it in the forge's own adapter. */
export function fenced(ports: Ports, { mayAct, owner }: Fence): Ports {
  const { workspaces, claims } = ports;
  const after =
    <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      await mayAct();
      return work(...args);
    };
  return {
    ...ports,
    workspaces: { ...workspaces, push: after(workspaces.push) },
    claims: claims === null ? null : { ...claims, whoami: async () => ({ ...(await claims.whoami()), owner }), push: after(claims.push) },
  };
}
