import type { Dependency, Issue } from '../model/forge.ts';
import { type Gate, NEXT_POLL, pass, shut } from '../model/gate.ts';
import { known, type Ms, type Seen, unknown } from '../model/seen.ts';
import { issueNumber, type Task, type TaskIn } from '../model/task.ts';
import type { Draft } from '../tick/draft.ts';
import type { Plan } from '../tick/plan.ts';
import type { World } from '../tick/world.ts';

const DEPENDS = 'depends';
const NAMES_SHOWN = 5;
/** An issue that was asked for by itself counts for so long. */
export const SINGLE_AGE: Ms = 5 * 60_000;

/**
 * The issue depends on others: it starts when all of them are closed. How many are open stands in the issue itself, so that one that depends
 * on none costs no question; which ones they are is asked for.
 */
export function dependencyGate(world: World, { waits }: Pick<Task, 'waits'>, number: number, now: Ms): readonly Gate[] {
  const own = issueSeen(world, number, now);
  if (own === undefined) return [shut(DEPENDS, 'before it starts tac8 looks up whether it depends on open issues', NEXT_POLL)];
  if (!own.known)
    return [shut(DEPENDS, `GitHub: tac8 does not know whether it depends on open issues: ${own.because}`, NEXT_POLL, { since: own.since })];
  // The gate before says what an issue that is gone means.
  if (own.value === null) return [];
  const { dependencies } = own.value;
  if (dependencies === undefined) return [pass(DEPENDS, 'this GitHub does not report dependencies between issues')];
  if (dependencies.open === 0)
    return [pass(DEPENDS, dependencies.total === 0 ? 'it depends on no other issue' : 'every issue that it depends on is closed')];
  return [openGate(world, waits?.since ?? null, number, dependencies, own.at)];
}

/** The issue says that it depends on open ones. An answer about which they are that is newer than that may know better. */
function openGate(world: World, since: Ms | null, number: number, said: NonNullable<Issue['dependencies']>, saidAt: Ms): Gate {
  const answer = world.dependencies.get(number);
  if (answer === undefined) return shut(DEPENDS, `depends on ${countOf(said.open)}; tac8 is looking up which`, NEXT_POLL, { since });
  if (!answer.known)
    return shut(DEPENDS, `depends on ${countOf(said.open)}; tac8 does not know which: ${answer.because}`, NEXT_POLL, {
      since: since ?? answer.since,
    });
  const open = answer.value.filter((one) => one.open);
  if (open.length > 0) return namedGate(world, number, open, since);
  const hidden = Math.min(said.open, said.total - answer.value.length);
  if (hidden > 0) {
    const change = 'they are closed, or taken off as dependencies on GitHub; a token that may see them shows which they are';
    return shut(DEPENDS, `depends on ${countOf(hidden)} that the token may not see`, change, { since });
  }
  if (answer.at < saidAt) return shut(DEPENDS, `depends on ${countOf(said.open)}; tac8 is looking up which`, NEXT_POLL, { since });
  return pass(DEPENDS, `every issue that it depends on is closed: ${namesOf(answer.value)}`);
}

function namedGate(world: World, number: number, open: readonly Dependency[], since: Ms | null): Gate {
  const text = waitingWords(open);
  const circle = circleOf(world, number);
  if (circle === null)
    return shut(DEPENDS, text, `${namesOf(open)} ${open.length === 1 ? 'is' : 'are'} closed, or taken off as a dependency on GitHub`, {
      since,
    });
  const words = [...circle, number].map((one) => `#${one}`).join(' → ');
  return shut(
    DEPENDS,
    `${text}, in a circle: ${words}`,
    'someone takes off one of these dependencies on GitHub: none of these tasks starts before',
    {
      since,
    },
  );
}

const countOf = (count: number): string => `${count} open issue${count === 1 ? '' : 's'}`;
const waitingWords = (open: readonly Dependency[]): string => `depends on ${namesOf(open, ' (open)')}`;

function namesOf(all: readonly Dependency[], after = ''): string {
  const more = all.length > NAMES_SHOWN ? ` and ${all.length - NAMES_SHOWN} more` : '';
  return `${all
    .slice(0, NAMES_SHOWN)
    .map(({ name }) => `${name}${after}`)
    .join(', ')}${more}`;
}

/**
 * Those that depend on open issues wait, whether or not their turn has come: which ones is asked, said and kept, so that it is known since
 * when they wait.
 */
export function noteDependencies(draft: Draft, world: World, now: Ms): void {
  if (world.forge === 'none') return;
  const listed = new Map((world.issues.known ? world.issues.value : []).map((issue) => [issue.number, issue]));
  for (const task of draft.tasks.in('pending')) {
    const number = issueNumber(task.id);
    if (number !== null && isOfInterest(world, task, listed.get(number), number)) noteDependency(draft, world, task, now);
  }
}

/** It waits, or may have to; one that a person wants and the list lacks is asked for once. */
function isOfInterest({ issues, singles }: World, task: Task, listed: Issue | undefined, number: number): boolean {
  if (task.waits !== undefined || countOpen(listed) > 0) return true;
  if (listed !== undefined || !issues.known) return false;
  const own = singles.get(number);
  return own === undefined ? task.armedBy === 'person' : own.known && countOpen(own.value) > 0;
}

/** The same for one task, wherever its issue is known from. Asks for what its gate lacks. */
export function noteDependency(draft: Draft, world: World, task: TaskIn<'pending'>, now: Ms): void {
  const number = issueNumber(task.id);
  if (number === null) return;
  const { issues, dependencies } = questionsOf(world, number, now);
  for (const one of issues) draft.wantIssue(one);
  for (const one of dependencies) draft.wantDependencies(one);
  const closed = dependencyGate(world, task, number, now).find(dependsOnOpen);
  if (closed !== undefined) draft.note(task.id, closed.text);
  else if (task.waits !== undefined) draft.task(task.id, { kind: 'waits', waits: null }, 'every issue that it depended on is closed');
  const answer = world.dependencies.get(number);
  const open = closed !== undefined && answer?.known === true ? answer.value.filter((one) => one.open) : [];
  const on = waitingWords(open);
  if (open.length > 0 && on !== task.waits?.on) draft.task(task.id, { kind: 'waits', waits: { on, since: task.waits?.since ?? now } }, on);
}

/** What has to be asked so that the gate of the issue can tell. */
export function questionsOf(world: World, number: number, now: Ms): Pick<Plan['wanted'], 'issues' | 'dependencies'> {
  if (!world.issues.known) return { issues: [], dependencies: [] };
  const own = issueSeen(world, number, now);
  const isListed = world.issues.value.some((issue) => issue.number === number);
  return { issues: isListed ? [] : [number], dependencies: own?.known === true && countOpen(own.value) > 0 ? [number] : [] };
}

const countOpen = (issue: Issue | null | undefined): number => issue?.dependencies?.open ?? 0;

/** The gate that is shut because of other issues, or because nobody knows whether there are any. */
export const dependsOnOpen = (gate: Gate): boolean => gate.name === DEPENDS && !gate.open;

/** As listed; one that the list lacks is asked for by itself, and counts for a while. */
function issueSeen({ issues, singles }: World, number: number, now: Ms): Seen<Issue | null> | undefined {
  if (!issues.known) return unknown(issues.because, issues.since);
  const listed = issues.value.find((issue) => issue.number === number);
  if (listed !== undefined) return known(listed, issues.at);
  const own = singles.get(number);
  return own?.known === true && now - own.at > SINGLE_AGE ? undefined : own;
}

/** The shortest way from the issue back to itself over dependencies that are known to be open; null: none is known. */
function circleOf({ dependencies }: World, start: number): readonly number[] | null {
  const ways: (readonly number[])[] = [[start]];
  const seen = new Set<number>();
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    const answer = dependencies.get(way.at(-1) ?? start);
    for (const { number, open } of answer?.known === true ? answer.value : []) {
      if (number === start && open) return way;
      if (number === null || !open || seen.has(number)) continue;
      seen.add(number);
      ways.push([...way, number]);
    }
  }
  return null;
}
