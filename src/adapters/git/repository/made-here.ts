import { join, sep } from 'node:path';
import { absent, readPlainText } from '../view/files.ts';
import { readPlaces } from './registry.ts';
import type { Repository } from './repository.ts';
import type { Source } from './source.ts';

/** Lines of HEAD's own history that stand for a commit which was made there, and not for one that was only looked at. */
const MADE =
  /^(?:commit(?: \([a-z ]+\))?|cherry-pick|revert|am|rebase(?: -i)? \((?:pick|reword|edit|squash|fixup|continue)\)): |^merge .*: Merge made/;

/** What was committed in a worktree and in those that were made below it. */
export interface MadeHere {
  readonly commits: ReadonlySet<string>;
  /** Nothing but commits, each on the one before: there is nothing that its end would not hold. */
  readonly end: string | null;
}

/** Read from git's files without a process. A worker can write anything there: it can only name commits of its own repository. */
export async function madeHere(repository: Repository, source: Source): Promise<MadeHere> {
  const { tree } = source;
  const below = tree === null ? [] : (await readPlaces(repository)).filter(({ path }) => path?.startsWith(tree + sep));
  const logs = await Promise.all([source.gitDir, ...below.map(({ adminDir }) => adminDir)].map(readHistory));
  const commits = new Set<string>();
  for (const log of logs) for (const { made, id } of log) if (made) commits.add(id);
  return { commits, end: below.length === 0 ? straightEnd(logs[0] ?? []) : null };
}

interface Step {
  readonly before: string;
  readonly id: string;
  readonly made: boolean;
}

/** The path of the folders of worktrees that were made below this one, from its top. */
export async function treesBelow(repository: Repository, tree: string): Promise<readonly string[]> {
  const records = await readPlaces(repository);
  return records.flatMap(({ path }) => (path?.startsWith(tree + sep) ? [path.slice(tree.length + 1)] : []));
}

async function readHistory(gitDir: string): Promise<readonly Step[]> {
  const text = await readPlainText(join(gitDir, 'logs/HEAD')).catch(absent(''));
  return text.split('\n').flatMap((line) => {
    const [head = '', message = ''] = line.split('\t', 2);
    const [before = '', id = ''] = head.split(' ', 2);
    return /^[0-9a-f]{40,64}$/.test(id) ? [{ before, id, made: MADE.test(message) }] : [];
  });
}

function straightEnd(log: readonly Step[]): string | null {
  const from = log.findIndex(({ made }) => made);
  if (from < 0) return null;
  const steps = log.slice(from);
  const isStraight = steps.every(({ made, before }, n) => made && (n === 0 || before === steps[n - 1]?.id));
  return isStraight ? (steps.at(-1)?.id ?? null) : null;
}
