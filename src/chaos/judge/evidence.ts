import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type JournalEntry, readJournals } from '../../demo/agent/journal.ts';
import type { DemoFolder } from '../../demo/ground/folder.ts';
import { createGit, type Git } from '../../demo/ground/git.ts';
import { bareEnvironment } from '../../demo/world/environment.ts';
import type { ForgeState } from '../../demo/world/forge.ts';
import type { JournalEntry as Request } from '../../forge-fake/state/journal.ts';
import { type LogSeen, readLog } from '../mischief/log.ts';
import type { Testimony } from '../witness/witness.ts';
import { type Deed, readLedger } from '../world/ledger.ts';

/**
 * Everything that the verdict rests on, read from the folder when all is over: the agents' own journals, the forge's state and journal
 * of requests, git, the logs that people read, and what the witness saw in /proc. Nothing of `.tac8/`.
 */
export interface Evidence {
  readonly deeds: readonly Deed[];
  readonly testimony: Testimony;
  /** By run. */
  readonly journals: ReadonlyMap<string, readonly JournalEntry[]>;
  readonly logs: ReadonlyMap<string, LogSeen>;
  readonly state: ForgeState;
  readonly requests: readonly Request[];
  /** Ids of all objects that some ref of the repository reaches. */
  readonly reachable: ReadonlySet<string>;
  /** Branch at the forge → its tip. */
  readonly pushed: ReadonlyMap<string, string>;
  readonly board: string;
}

type Places = Pick<DemoFolder, 'root' | 'widgets' | 'forge' | 'agents' | 'home'>;

export const placesOf = (root: string): Places => ({
  root,
  widgets: join(root, 'widgets'),
  forge: join(root, 'forge'),
  agents: join(root, 'agents'),
  home: join(root, 'home'),
});

export async function gatherEvidence({ root, widgets, forge, agents, home }: Places): Promise<Evidence> {
  const git = createGit(bareEnvironment(process.env, home));
  const board = join(widgets, 'tasks.md');
  return {
    deeds: readLedger(root),
    testimony: JSON.parse(readFileSync(join(root, 'chaos', 'testimony.json'), 'utf8')) as Testimony,
    journals: readJournals(agents),
    logs: readLogs(join(widgets, 'logs')),
    state: JSON.parse(readFileSync(join(forge, 'state.json'), 'utf8')) as ForgeState,
    requests: readLines<Request>(join(forge, 'journal.jsonl')),
    reachable: await readReachable(git, widgets),
    pushed: await readPushed(git, join(forge, bareName(forge))),
    board: existsSync(board) ? readFileSync(board, 'utf8') : '',
  };
}

const readLines = <T>(path: string): readonly T[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as T);

function readLogs(folder: string): ReadonlyMap<string, LogSeen> {
  const logs = new Map<string, LogSeen>();
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const run = /^(?:gh|local)-\d+\.(w-[0-9a-f]+)\.jsonl$/.exec(name)?.[1];
    if (run !== undefined && !lstatSync(join(folder, name)).isSymbolicLink()) logs.set(run, readLog(readFileSync(join(folder, name)), run));
  }
  return logs;
}

async function readReachable(git: Git, repository: string): Promise<ReadonlySet<string>> {
  const listed = await git(repository, ['rev-list', '--objects', '--no-object-names', '--all']);
  return new Set(listed.split('\n'));
}

async function readPushed(git: Git, bare: string): Promise<ReadonlyMap<string, string>> {
  const listed = await git(bare, ['for-each-ref', '--format=%(refname:lstrip=2) %(objectname)', 'refs/heads/']);
  return new Map(listed.split('\n').map((line) => line.split(' ') as [string, string]));
}

function bareName(forge: string): string {
  const found = (readdirSync(forge, { recursive: true }) as string[]).find((name) => /^git\/[^/]+\/[^/]+\.git$/.test(name));
  if (found === undefined) throw new Error(`${forge}: there is no bare repository of the forge`);
  return found;
}
