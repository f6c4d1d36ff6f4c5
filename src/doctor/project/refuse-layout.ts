import { existsSync } from 'node:fs';
import { refusalOf } from '../../adapters/git/view/layout.ts';
import { PortError } from '../../engine/ports/error.ts';
import { refusesOwner } from '../../place/place.ts';
import type { Project } from '../../place/project.ts';

/**
 * Before anything is written. A worker can add remotes and branches: where tac8 has worked before, they keep no daemon from starting again, since the
 * remote's address is in the store, and a branch in the way costs the tasks that meet it. Throws a terminal PortError where tac8 cannot work there.
 */
export async function refuseLayout({ root, gitDir, database, settings }: Project): Promise<void> {
  const refusal = await refusalOf({
    ...{ root, gitDir, isNew: !existsSync(database) },
    branchPrefix: settings.branchPrefix,
    refusesOwner: () => refusesOwner({ root, gitDir }),
  });
  if (refusal !== null) throw new PortError('terminal', refusal.says, { hint: refusal.mend });
}
