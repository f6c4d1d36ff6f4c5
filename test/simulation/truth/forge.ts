import { decide, refusal } from '../../../src/adapters/github/issues/trigger.ts';
import type { Issue, Pull, Trigger } from '../../../src/core/model/forge.ts';
import type { Ms } from '../../../src/core/model/seen.ts';
import type { TaskId } from '../../../src/core/model/task.ts';
import type { Review } from '../../../src/core/review/calls.ts';
import type { Person } from '../incidents/incidents.ts';
import type { Stage } from '../stage.ts';

export interface SimIssue {
  readonly number: number;
  title: string;
  isOpen: boolean;
  isLabelled: boolean;
  /** Who put the label on last. */
  labelled: { readonly by: Person; readonly at: Ms };
  /** When it last was closed or lost its label; null: never. */
  wentAt: Ms | null;
  readonly createdAt: Ms;
  /** What has to be closed first. */
  readonly blockers: { readonly number: number; isOpen: boolean }[];
}

export interface Comment {
  readonly issue: number;
  readonly author: string;
  readonly body: string;
}

/** GitHub. */
export interface ForgeTruth {
  readonly issues: ReadonlyMap<number, SimIssue>;
  readonly comments: readonly Comment[];
  readonly pulls: readonly Pull[];
  /** Opens an issue with the label on it. */
  open(title: string, by: Person): SimIssue;
  /** The open issues with the label, as they are now. */
  listed(): readonly Issue[];
  issue(number: number): Issue | null;
  trigger(number: number): Trigger;
  post(issue: number, body: string): number;
  /** The branch of a task is at this commit now: so are its open pulls. */
  moved(task: TaskId, commit: string): void;
  openPull(pull: Pick<Pull, 'title' | 'body' | 'author'> & { readonly branch: string }): Pull;
  merge(): void;
  /** Of every third pull one, by a person who may write. */
  reviews(pull: number): readonly Review[];
}

export const TAC8 = 'tac8-bot';
/** The hidden mark that says for which run it was posted. */
const markOf = (body: string): string => /<!--.*?-->/.exec(body)?.[0] ?? body;

export function createForge(stage: Pick<Stage, 'timeline' | 'judge' | 'trace' | 'policy' | 'repository'>): ForgeTruth {
  const { timeline, policy } = stage;
  const issues = new Map<number, SimIssue>();
  const comments: Comment[] = [];
  let pulls: Pull[] = [];
  let lastNumber = 0;

  /** `auto/gh-7`, and `auto/gh-7-2` after a pull that is over. */
  const taskOf = (branch: string): TaskId => branch.slice(policy.branchPrefix.length).replace(/^(\w+-\d+)-\d+$/, '$1') as TaskId;
  const shown = (issue: SimIssue): Issue => ({
    ...{
      number: issue.number,
      title: issue.title,
      body: '',
      print: issue.title,
      author: 'alice',
      labels: issue.isLabelled ? [policy.label] : [],
    },
    state: issue.isOpen ? 'open' : 'closed',
    ...{ url: `https://forge.test/issues/${issue.number}`, createdAt: issue.createdAt, updatedAt: issue.createdAt },
    dependencies: { open: issue.blockers.filter(({ isOpen }) => isOpen).length, total: issue.blockers.length },
  });
  return {
    issues,
    comments,
    get pulls() {
      return pulls;
    },
    open(title, by) {
      lastNumber += 1;
      const at = timeline.wall();
      const issue: SimIssue = {
        number: lastNumber,
        title,
        isOpen: true,
        isLabelled: true,
        labelled: { by, at },
        wentAt: null,
        createdAt: at,
        blockers: [],
      };
      issues.set(issue.number, issue);
      return issue;
    },
    listed: () => [...issues.values()].filter(({ isOpen, isLabelled }) => isOpen && isLabelled).map(shown),
    issue: (number) => {
      const found = issues.get(number);
      return found === undefined ? null : shown(found);
    },
    trigger(number) {
      const issue = issues.get(number);
      if (issue === undefined || !issue.isLabelled)
        return { actor: null, at: null, allowed: false, why: refusal(null, policy.label) ?? '' };
      const { by, at } = issue.labelled;
      const event = { id: 1, event: 'labeled', actor: { login: by, type: 'User' }, created_at: at, label: { name: policy.label } };
      return decide(event, { permission: by === 'maria' ? 'write' : 'read', role: '' });
    },
    post(issue, body) {
      const twin = comments.find((comment) => comment.author === TAC8 && markOf(comment.body) === markOf(body));
      if (twin !== undefined)
        stage.judge.broken('each effect happens once', `issue #${issue} gets the same comment twice: ${body.split('\n')[0]}`);
      stage.trace(() => `comment on #${issue}: ${body.split('\n')[0]}`);
      return comments.push({ issue, author: TAC8, body });
    },
    moved(task, commit) {
      pulls = pulls.map((pull) =>
        pull.state === 'open' && taskOf(pull.head.branch) === task ? { ...pull, head: { ...pull.head, commit } } : pull,
      );
    },
    openPull({ branch, title, body, author }) {
      lastNumber += 1;
      const number = lastNumber;
      const head = { branch, owner: 'acme', commit: stage.repository.pushed.get(taskOf(branch)) ?? 'c'.repeat(40) };
      const closes = [...body.matchAll(/^Closes #(\d+)/gm)].map(([, issue]) => Number(issue));
      const at = { number, url: `https://forge.test/pull/${number}` };
      const pull: Pull = { ...at, title, body, closes, author, state: 'open', draft: false, head };
      const twin = pulls.find(
        (other) => other.author === TAC8 && author === TAC8 && other.head.branch === branch && other.state === 'open',
      );
      if (twin !== undefined)
        stage.judge.broken('each effect happens once', `two open pulls for ${branch}: #${twin.number} and #${number}`);
      stage.trace(() => `pull #${number} for ${branch}`);
      pulls.push(pull);
      return pull;
    },
    reviews: (pull) => (pull % 3 === 0 ? [{ id: pull, author: 'maria', wantsChanges: true, body: 'One more thing.', notes: [] }] : []),
    merge() {
      for (const pull of pulls) {
        const closes = Number(/Closes #(\d+)/.exec(pull.body)?.[1] ?? 0);
        const issue = issues.get(closes);
        if (pull.state === 'open' && issue !== undefined) Object.assign(issue, { isOpen: false, wentAt: timeline.wall() });
      }
      pulls = pulls.map((pull) => (pull.state === 'open' ? { ...pull, state: 'merged' } : pull));
    },
  };
}
