import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findMarked, type Seen } from '../../demo/ground/process-table.ts';
import { endIsTold } from '../world/told.ts';

/*
 * Looks at /proc and at the logs that people read, in a process of its own that never opens `.tac8/`: how many agents live at once,
 * whether two of one task do, whether anything lives of a run whose end tac8 has told. Started by `tac8 chaos`, told by messages.
 */

/** What was seen from outside while all went on. */
export interface Testimony {
  readonly looks: number;
  readonly peak: number;
  /** `gh-3: w-1 and w-2`: two agents of one task alive at one look. */
  readonly doubled: readonly string[];
  /** Processes that lived after the end of their run stood in its log. */
  readonly outlived: readonly string[];
  /** What was left when the last daemon had gone. */
  readonly left: readonly string[];
}

export type Order = { readonly mark: string; readonly root: string } | { readonly kind: 'finish' };

const LOOK_EVERY = 70;
const GRACE = 1_000;

interface Watch {
  readonly mark: string;
  readonly root: string;
  looks: number;
  peak: number;
  readonly doubled: Set<string>;
  readonly outlived: Set<string>;
  readonly alive: Set<string>;
}

function look(watch: Watch): void {
  // Asked before /proc is: what ended meanwhile is no fault.
  const told = [...watch.alive].filter((run) => endIsTold(join(watch.root, 'widgets', 'logs'), run));
  const seen = findMarked(watch.mark);
  watch.looks += 1;
  for (const one of seen) {
    const run = runOf(one);
    if (run !== null && told.includes(run)) watch.outlived.add(`${run}: ${one.command.slice(0, 120)}`);
  }
  watch.alive.clear();
  for (const one of seen) {
    const run = runOf(one);
    if (run !== null) watch.alive.add(run);
  }
  const agents = new Map<string, string>();
  const runs = new Set<string>();
  for (const { run, agentOf } of seen) {
    if (run === null || agentOf === null) continue;
    runs.add(run);
    const other = agents.get(agentOf);
    if (other !== undefined && other !== run) watch.doubled.add(`${agentOf}: ${[other, run].sort().join(' and ')}`);
    agents.set(agentOf, run);
  }
  watch.peak = Math.max(watch.peak, runs.size);
}

/** By its marker; one that has cleared its environment by the name on its command line. */
const runOf = ({ run, command }: Seen): string | null => run ?? /\.(w-[0-9a-f]+)\.hold/.exec(command)?.[1] ?? null;

/** Everything that still has to do with it: by the mark, or by where it works. */
function findLeft({ mark, root }: Watch): readonly string[] {
  const marked = findMarked(mark).map(({ pid, command }) => `${pid} ${command}`);
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const places = ['widgets', 'machines'].map((name) => join(root, name));
  return [...new Set([...marked, ...pids.flatMap((pid) => places.flatMap((place) => worksIn(pid, place) ?? []))])];
}

function worksIn(pid: string, folder: string): string | null {
  try {
    const cwd = readlinkSync(`/proc/${pid}/cwd`);
    if (cwd !== folder && !cwd.startsWith(`${folder}/`)) return null;
    return `${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()}`;
  } catch {
    return null; // gone since, a zombie, or somebody else's
  }
}

/** What is on its way out gets a moment. */
async function awaitNothing(watch: Watch): Promise<readonly string[]> {
  const deadline = Date.now() + GRACE;
  for (;;) {
    const left = findLeft(watch);
    if (left.length === 0 || Date.now() > deadline) return left;
    await sleep(LOOK_EVERY);
  }
}

async function testify(watch: Watch): Promise<void> {
  const { looks, peak, doubled, outlived, root } = watch;
  const testimony: Testimony = { looks, peak, doubled: [...doubled], outlived: [...outlived], left: await awaitNothing(watch) };
  writeFileSync(join(root, 'chaos', 'testimony.json'), `${JSON.stringify(testimony, null, 2)}\n`);
}

function serve(): void {
  let watch: Watch | null = null;
  let timer: NodeJS.Timeout | null = null;
  process.on('message', (order: Order) => {
    if ('mark' in order) {
      watch = { ...order, looks: 0, peak: 0, doubled: new Set(), outlived: new Set(), alive: new Set() };
      const watching = watch;
      timer = setInterval(() => look(watching), LOOK_EVERY);
      return;
    }
    if (timer !== null) clearInterval(timer);
    if (watch !== null) void testify(watch).then(() => process.disconnect?.());
  });
  process.on('disconnect', () => process.exit(0));
}

if (process.send !== undefined) serve();
