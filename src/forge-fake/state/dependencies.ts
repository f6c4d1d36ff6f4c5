import { forbidden, invalid, notFound } from './answer.ts';
import { type Fake, takeId } from './fake.ts';
import { may } from './people.ts';
import type { Elsewhere, Issue, User } from './state.ts';

/*
 * Which issue is blocked by which. Nothing of the blocked issue but its summary changes when one is added or closed: its time of the last
 * change stays, so that nobody comes to rely on it. Circles are taken.
 */

export const isElsewhere = (one: Issue | Elsewhere): one is Elsewhere => 'repo' in one;

/** What has this id, here or in another repository. */
export function findById(fake: Fake, id: number): Issue | Elsewhere {
  const { issues, elsewhere } = fake.store.state;
  const found = issues.find((one) => one.id === id) ?? elsewhere.find((one) => one.id === id);
  if (found === undefined) throw notFound();
  return found;
}

/** All that block the issue, oldest dependency first. */
export const blockedBy = (fake: Fake, issue: Issue): readonly (Issue | Elsewhere)[] =>
  fake.store.state.dependencies.filter((one) => one.issue === issue.number).map((one) => findById(fake, one.by));

/** All that the issue blocks. */
export function blocks(fake: Fake, issue: Issue): readonly Issue[] {
  const { dependencies, issues } = fake.store.state;
  const numbers = new Set(dependencies.filter((one) => one.by === issue.id).map((one) => one.issue));
  return issues.filter(({ number }) => numbers.has(number));
}

export function addDependency(fake: Fake, as: User, issue: Issue, by: number): void {
  if (!may(fake, as, 'triage')) throw forbidden();
  if (findById(fake, by).id === issue.id) throw invalid({ resource: 'IssueDependency', code: 'invalid', field: 'issue_id' });
  depend(fake, issue, by);
}

export function removeDependency(fake: Fake, as: User, issue: Issue, by: number): void {
  if (!may(fake, as, 'triage')) throw forbidden();
  const { state } = fake.store;
  const left = state.dependencies.filter((one) => one.issue !== issue.number || one.by !== by);
  if (left.length === state.dependencies.length) throw notFound();
  state.dependencies = left;
  fake.store.touch();
}

/** The issue waits for one of another repository, which is from now on as given. */
export function dependElsewhere(fake: Fake, issue: Issue, wanted: Pick<Elsewhere, 'repo' | 'number' | 'state'>): void {
  const { elsewhere } = fake.store.state;
  let there = elsewhere.find((one) => one.repo === wanted.repo && one.number === wanted.number);
  if (there === undefined) {
    there = { id: takeId(fake), ...wanted };
    elsewhere.push(there);
  }
  there.state = wanted.state;
  depend(fake, issue, there.id);
}

function depend(fake: Fake, issue: Issue, by: number): void {
  const { dependencies } = fake.store.state;
  if (!dependencies.some((one) => one.issue === issue.number && one.by === by)) dependencies.push({ issue: issue.number, by });
  fake.store.touch();
}
