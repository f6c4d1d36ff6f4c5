import { PEOPLE } from '../../demo/world/forge.ts';
import { BRANCH_PREFIX } from '../../demo/world/world.ts';
import { type Count, countUp } from './count.ts';
import type { Evidence } from './evidence.ts';

type Finding = readonly [string, string | null];

/** Each comment and each pull once: none twice, and none missing where the board shows the end. */
export function judgeForge(evidence: Evidence): readonly Count[] {
  const issues = evidence.state.issues.filter((issue) => issue.pull === null).map((issue) => issue.number);
  return [
    countUp(
      6,
      'one comment on an issue whose task has ended',
      issues.map((issue) => comments(evidence, issue)),
    ),
    countUp(
      6,
      'one pull for a task that is done',
      issues.map((issue) => pulls(evidence, issue)),
    ),
    // With other machines it was waited until all was done.
    ...(evidence.deeds.some(({ kind }) => kind === 'fleet-fault' || kind === 'machine-killed')
      ? [
          countUp(
            8,
            'every task has come to its end',
            issues.map((issue): Finding => [`#${issue}`, boardMark(evidence, issue) === '' ? 'no mark of its end on the board' : null]),
          ),
        ]
      : []),
    countUp(6, 'what was asked of the forge was done once', [asked(evidence)]),
  ];
}

/** The mark of the task's line on the board, or empty. */
function boardMark({ board }: Evidence, issue: number): string {
  const line = board.split('\n').find((one) => one.includes(` gh-${issue}: `)) ?? '';
  return /\[(✅|❌|⏰)/u.exec(line)?.[1] ?? '';
}

function comments(evidence: Evidence, issue: number): Finding {
  const found = evidence.state.comments.filter((comment) => comment.issue === issue && comment.author === PEOPLE.bot).length;
  const wanted = boardMark(evidence, issue) === '' ? [0, 1] : [1];
  return [`#${issue}`, wanted.includes(found) ? null : `${found} comments in place of ${wanted.join(' or ')}`];
}

function pulls(evidence: Evidence, issue: number): Finding {
  const branch = `${BRANCH_PREFIX}gh-${issue}`;
  const found = evidence.state.issues.filter(({ pull }) => pull?.head.ref === branch);
  const done = boardMark(evidence, issue) === '✅';
  if (found.length > 1 || (done && found.length === 0)) return [branch, `${found.length} pulls in place of one`];
  const head = found[0]?.pull?.head.sha;
  return [
    branch,
    head === undefined || head === evidence.pushed.get(branch) ? null : `its pull is at ${head.slice(0, 7)}, the branch is not`,
  ];
}

/** Whoever saw the answer: what the forge made is what is there, so nothing was made and taken away again. */
function asked({ requests, state }: Evidence): Finding {
  const made = requests.filter(({ user, method, applied }) => user === PEOPLE.bot && method === 'POST' && applied === 201).length;
  const there = state.issues.filter((one) => one.pull !== null).length + state.comments.filter((one) => one.author === PEOPLE.bot).length;
  return ['POST', made === there ? null : `${made} were done, ${there} comments and pulls are there`];
}
