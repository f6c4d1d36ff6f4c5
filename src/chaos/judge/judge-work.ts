import type { JournalEntry } from '../../demo/agent/journal.ts';
import { type Count, countUp } from './count.ts';
import type { Evidence } from './evidence.ts';

type Finding = readonly [string, string | null];

/** Every commit and every file that an agent made is reached by a ref, except what chaos itself deleted before anybody could save it. */
export function judgeWork(evidence: Evidence): readonly Count[] {
  const runs = [...evidence.journals].flatMap(([run, entries]) => entries.map((entry) => ({ run, entry, entries })));
  const commits = runs.filter(({ entry }) => entry.kind === 'commit');
  const files = runs.filter(({ run, entry, entries }) => entry.kind === 'wrote' && !wasDeleted(evidence, run, entries));
  return [
    countUp(
      2,
      'every commit of an agent is in git',
      commits.map(({ run, entry }) => inGit(evidence, run, entry.text, 'its commit')),
    ),
    countUp(
      2,
      'every file of an agent is in git, committed or not',
      files.map(({ run, entry }) => fileInGit(evidence, run, entry.text)),
    ),
  ];
}

/** Chaos deleted the worktree after the run had begun and before its end, with the saving of its work, stood in its log. */
function wasDeleted({ deeds, logs }: Evidence, run: string, entries: readonly JournalEntry[]): boolean {
  const [first] = entries;
  const ended = logs.get(run)?.endedAt ?? Number.POSITIVE_INFINITY;
  return deeds.some((deed) => deed.kind === 'tree-deleted' && deed.task === first?.task && first.at <= deed.at && deed.at <= ended);
}

const inGit = ({ reachable }: Evidence, run: string, id: string, what: string): Finding => [
  run,
  reachable.has(id) ? null : `${what} ${id.slice(0, 12)} is reached by no ref`,
];

function fileInGit(evidence: Evidence, run: string, text: string): Finding {
  const [blob = '', path = ''] = text.split(' ');
  return inGit(evidence, run, blob, `${path}, blob`);
}
