import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findMarked, type Seen, startOf } from '../../demo/ground/process-table.ts';
import type { SmallDisk } from '../world/disk.ts';
import type { Ledger } from '../world/ledger.ts';
import type { Scene } from '../world/points.ts';
import { pick } from '../world/random.ts';
import { openRuns } from '../world/told.ts';

export interface Attack extends Scene {
  readonly mark: string;
  readonly ledger: Ledger;
  readonly disk: SmallDisk | null;
}

/** What is done to the world in a round, besides killing the daemon; each a few times in twenty rounds. */
const MISCHIEF = ['nothing', 'kill an agent', 'kill an agent', 'delete a worktree', 'forge away', 'forge away', 'fill the disk'] as const;

/** Where worktrees are on other machines. */
const FAR_MISCHIEF = ['nothing', 'kill an agent', 'forge away'] as const;

/** `starting`: the daemon may not have come up yet. Nobody starts it on a full disk: it would say so and leave. */
export async function doMischief(attack: Attack, { starting = false, far = false } = {}): Promise<void> {
  const mischief = pick(attack.random, far ? FAR_MISCHIEF : MISCHIEF);
  if (starting && mischief === 'fill the disk') return;
  switch (mischief) {
    case 'kill an agent':
      return killAgent(attack);
    case 'delete a worktree':
      return deleteTree(attack);
    case 'forge away':
      return pullForgeAway(attack);
    case 'fill the disk':
      return fillDisk(attack);
    default:
  }
}

/** The agents that live, as /proc shows them. */
export const liveAgents = (mark: string): readonly Seen[] => findMarked(mark).filter((seen) => seen.agentOf !== null && seen.run !== null);

function killAgent({ mark, random, ledger }: Attack): void {
  const seen = pick(random, liveAgents(mark));
  if (seen?.run == null || startOf(seen.pid) !== seen.startTime) return;
  const signal = random() < 0.75 ? 'SIGKILL' : 'SIGTERM';
  ledger.add({ kind: 'agent-signalled', at: Date.now(), run: seen.run, signal });
  try {
    process.kill(seen.pid, signal);
  } catch (error) {
    // It ended in between: noted all the same, as one that may have been reached.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function deleteTree({ folder, random, ledger }: Attack): void {
  const trees = join(folder.widgets, 'trees');
  if (!existsSync(trees)) return;
  const task = pick(
    random,
    readdirSync(trees).filter((name) => /^gh-\d+$/.test(name)),
  );
  if (task === undefined) return;
  ledger.add({ kind: 'tree-deleted', at: Date.now(), task, open: openRuns(join(folder.widgets, 'logs'), task) });
  // An agent may be writing into it: what it makes meanwhile stays.
  rmSync(join(trees, task), { recursive: true, force: true, maxRetries: 2 });
}

const FAULTS = [
  { kind: 'status', status: 502, times: 4, match: {} },
  { kind: 'status', status: 500, times: 2, match: { method: 'POST' } },
  { kind: 'reset', times: 4, match: {} },
  { kind: 'lost-answer', times: 2, match: { method: 'POST', path: '/repos/' } },
  { kind: 'cut-body', times: 2, match: { method: 'POST', path: '/repos/' } },
  { kind: 'short-body', times: 2, match: { method: 'GET', path: '/issues\\?' } },
  { kind: 'partial-page', times: 3, match: { method: 'GET', path: '/issues\\?' } },
  { kind: 'hang', times: 2, match: {} },
  { kind: 'hang-answer', times: 1, match: { method: 'POST', path: '/repos/' } },
] as const;

async function pullForgeAway({ forge, random, ledger }: Attack): Promise<void> {
  const fault = pick(random, FAULTS) ?? FAULTS[0];
  ledger.add({ kind: 'forge-fault', at: Date.now(), fault: `${fault.kind} ${JSON.stringify(fault.match)}` });
  await forge.act('POST', 'faults', fault);
}

const FULL_MS = 900;

/** Full for a moment, as when somebody's build runs: the daemon is killed while it is full, or a little later. */
async function fillDisk({ disk, ledger }: Attack): Promise<void> {
  if (disk === null) return;
  ledger.add({ kind: 'disk-filled', at: Date.now() });
  disk.fill();
  void sleep(FULL_MS).then(() => disk.free());
}
