import { type Count, countUp } from './count.ts';
import type { Evidence } from './evidence.ts';

type Finding = readonly [string, string | null];

/** Every commit and every file that an agent made is reached by a ref, except what chaos itself deleted before anybody could save it. */
export function judgeWork(evidence: Evidence): readonly Count[] {
  const runs = [...evidence.journals].flatMap(([run, entries]) => entries.map((entry) => ({ run, entry })));
  const commits = runs.filter(({ entry }) => entry.kind === 'commit');
  const files = runs.filter(({ run, entry }) => entry.kind === 'wrote' && !wasDeleted(evidence, run));
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

/** Chaos deleted the worktree while the run's end, with the saving of its work, did not stand in its log. */
const wasDeleted = ({ deeds }: Evidence, run: string): boolean =>
  deeds.some((deed) => deed.kind === 'tree-deleted' && deed.open.includes(run));

const inGit = ({ reachable }: Evidence, run: string, id: string, what: string): Finding => [
  run,
  reachable.has(id) ? null : `${what} ${id.slice(0, 12)} is reached by no ref`,
];

function fileInGit(evidence: Evidence, run: string, text: string): Finding {
  const [blob = '', path = ''] = text.split(' ');
  return inGit(evidence, run, blob, `${path}, blob`);
}
