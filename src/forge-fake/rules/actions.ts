import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { fullName } from '../shape/shapes.ts';
import { notFound } from '../state/answer.ts';
import { addDependency, dependElsewhere, removeDependency } from '../state/dependencies.ts';
import { barePath, type Fake, stamp } from '../state/fake.ts';
import { ensureFork } from '../state/forks.ts';
import { findUser, type NewUser, putUser, removeUser } from '../state/people.ts';
import type { Elsewhere, Rules, User } from '../state/state.ts';
import { addCheckRun, addStatus, headOf, type NewCheckRun, type NewStatus } from './checks.ts';
import { addComment, addLabels, changeIssue, createIssue, findIssue, type IssueChange, record, removeLabel } from './issues.ts';
import { createPull, findPull, mergePull, type NewPull } from './pulls.ts';
import { dequeue, QUEUE_BOT } from './queue.ts';
import { addReview, type NewReview } from './reviews.ts';

/** What people do on the forge outside of tac8, for tests and the demo. `as` is a login; GitHub's rules on who may do what hold. */
export interface Actions {
  /** Adds a user, or changes the role of one; answers a token of theirs. */
  addUser(user: NewUser): string;
  /** Their account is deleted: events by them have no actor. */
  deleteUser(login: string): void;
  /** `form`: by an issue form, which puts labels on for anyone. Answers the number. */
  createIssue(as: string, issue: { title: string; body?: string | null; labels?: readonly string[]; form?: boolean }): number;
  changeIssue(as: string, number: number, change: IssueChange): void;
  /** `force`: not by a person's hand, whatever they may do. */
  label(as: string, number: number, label: string, force?: boolean): void;
  unlabel(as: string, number: number, label: string, force?: boolean): void;
  closeIssue(as: string, number: number): void;
  reopenIssue(as: string, number: number): void;
  /** The issue waits for another one of this repository; again and again is once. */
  block(as: string, number: number, by: number): void;
  unblock(as: string, number: number, by: number): void;
  /** The issue waits for one of another repository, which is as given. */
  blockElsewhere(number: number, by: Pick<Elsewhere, 'repo' | 'number' | 'state'>): void;
  /** Answers the comment's id. */
  comment(as: string, number: number, body: string): number;
  createPull(as: string, pull: Partial<NewPull> & Pick<NewPull, 'title' | 'head'>): Promise<number>;
  /** Answers the merge commit. */
  mergePull(as: string, number: number): Promise<string>;
  markReady(number: number): void;
  /** Back to a draft, as its author may do. */
  makeDraft(number: number): void;
  /** What the default branch asks of pulls from now on. */
  setRules(rules: Rules): void;
  /** A build says this of the pull's head commit, as it is now. */
  setCheck(pull: number, check: NewCheckRun): void;
  /**
   * The merge queue lets a pull go, for a reason in its own words; checks failed on the commit that it made for it. Nobody took it out, or this person.
   */
  dequeue(number: number, reason: string, failing?: readonly NewCheckRun[], as?: string): Promise<void>;
  /** Somebody switches auto-merge off. */
  disableAutoMerge(as: string, number: number): void;
  /** As if it was sent with all its notes at once. */
  review(as: string, pull: number, review: NewReview): void;
  /** `as` puts a commit status on the pull's head commit. */
  setStatus(as: string, pull: number, status: NewStatus): void;
  /** The repository gets another name; the old one is redirected from now on. */
  rename(name: string): void;
  /** The repository belongs to somebody else; its old name is redirected from now on, for the API and for git. */
  transfer(owner: string): void;
  /** A fork that belongs to this user, with all branches; answers its clone URL. */
  fork(owner: string): Promise<string>;
  /** Its pulls stay, with a head that is in no repository. */
  deleteFork(owner: string): void;
}

export function createActions(fake: Fake): Actions {
  const user = (login: string): User => {
    const found = findUser(fake, login);
    if (found === null) throw notFound(`${login} is not a user`);
    return found;
  };
  const issue = (number: number): ReturnType<typeof findIssue> => findIssue(fake, number);
  const setState = (as: string, number: number, state: 'open' | 'closed'): void => changeIssue(fake, user(as), issue(number), { state });
  return {
    addUser: (wanted) => putUser(fake, wanted).token,
    deleteUser: (login) => removeUser(fake, login),
    createIssue: (as, wanted) => createIssue(fake, user(as), { body: null, labels: [], ...wanted }).number,
    changeIssue: (as, number, change) => changeIssue(fake, user(as), issue(number), change),
    label: (as, number, label, force) => addLabels(fake, user(as), issue(number), [label], force),
    unlabel: (as, number, label, force) => removeLabel(fake, user(as), issue(number), label, force),
    closeIssue: (as, number) => setState(as, number, 'closed'),
    reopenIssue: (as, number) => setState(as, number, 'open'),
    block: (as, number, by) => addDependency(fake, user(as), issue(number), issue(by).id),
    unblock: (as, number, by) => removeDependency(fake, user(as), issue(number), issue(by).id),
    blockElsewhere: (number, by) => dependElsewhere(fake, issue(number), by),
    comment: (as, number, body) => addComment(fake, user(as), issue(number), body).id,
    createPull: async (as, wanted) => {
      const base = fake.store.state.repo.defaultBranch;
      return (await createPull(fake, user(as), { body: null, base, draft: false, ...wanted })).number;
    },
    mergePull: (as, number) => mergePull(fake, user(as), findPull(fake, number)),
    markReady: (number) => {
      findPull(fake, number).pull.draft = false;
      fake.store.touch();
    },
    makeDraft: (number) => {
      const pull = findPull(fake, number);
      pull.pull.draft = true;
      pull.updatedAt = stamp(fake);
      fake.store.touch();
    },
    setRules: (rules) => {
      fake.store.state.repo.rules = rules;
      fake.store.touch();
    },
    setCheck: (pull, check) => void addCheckRun(fake, headOf(fake, pull), check),
    dequeue: (number, reason, failing = [], as) => dequeue(fake, findPull(fake, number), { reason, failing, as: as ?? QUEUE_BOT }),
    disableAutoMerge: (as, number) => {
      const pull = findPull(fake, number);
      pull.pull.autoMerge = null;
      record(fake, pull, user(as).login, 'auto_merge_disabled', { reason: 'disabled' });
      fake.store.touch();
    },
    review: (as, pull, review) => void addReview(fake, user(as), findPull(fake, pull), review),
    setStatus: (as, pull, status) => void addStatus(fake, user(as).login, headOf(fake, pull), status),
    rename: (name) => {
      const { repo } = fake.store.state;
      repo.formerNames.push(fullName(fake));
      repo.name = name;
      repo.formerNames = repo.formerNames.filter((former) => former !== fullName(fake));
      fake.store.touch();
    },
    transfer: (owner) => {
      const { repo, issues } = fake.store.state;
      const [was, before] = [repo.owner, barePath(fake)];
      putUser(fake, { login: owner, role: 'admin', type: 'Organization' });
      repo.formerNames.push(fullName(fake));
      repo.owner = owner;
      repo.formerNames = repo.formerNames.filter((former) => former !== fullName(fake));
      for (const { pull } of issues) if (pull?.head.owner === was) pull.head.owner = owner;
      mkdirSync(dirname(barePath(fake)), { recursive: true });
      // It stays where it was on disk, under both names.
      if (!existsSync(barePath(fake))) symlinkSync(before, barePath(fake));
      fake.store.touch();
    },
    deleteFork: (owner) => {
      fake.store.state.repo.forks = fake.store.state.repo.forks.filter((one) => one !== owner);
      fake.store.touch();
    },
    fork: async (owner) => {
      await ensureFork(fake, user(owner).login);
      return `${fake.url()}/${owner}/${fake.store.state.repo.name}.git`;
    },
  };
}
