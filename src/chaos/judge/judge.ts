import type { Count } from './count.ts';
import { type Evidence, gatherEvidence, placesOf } from './evidence.ts';
import { judgeForge } from './judge-forge.ts';
import { judgeRuns } from './judge-runs.ts';
import { judgeWork } from './judge-work.ts';

/** Reads the folder of a chaos that is over, and counts how often each promise was kept and broken. */
export async function judgeFolder(root: string): Promise<readonly Count[]> {
  return judge(await gatherEvidence(placesOf(root)));
}

function judge(evidence: Evidence): readonly Count[] {
  return [...judgeRuns(evidence), ...judgeWork(evidence), ...judgeForge(evidence)].toSorted((a, b) => a.promise - b.promise);
}
