import type { JournalEntry } from '../../../src/forge-fake/state/journal.ts';
import type { Stage } from '../stage.ts';
import type { Ground } from './ground.ts';
import type { Deeds } from './people.ts';

/** What GitHub was asked in a day, counted there. */
export interface Counted {
  readonly requests: number;
  readonly unchanged: number;
  readonly writes: number;
  readonly points: number;
  /** The most of one hour. */
  readonly mostRequests: number;
  readonly mostPoints: number;
  readonly mostWrites: number;
  /** Refused because a limit was used up, or for being too fast. */
  readonly refused: number;
}

const HOUR = 3_600_000;

export function countAsked(entries: readonly JournalEntry[]): Counted {
  const asked = entries.filter(({ kind, user }) => kind === 'api' && user === 'tac8');
  const isPaid = (one: JournalEntry): boolean => one.status !== 304 && !one.path.startsWith('/graphql');
  const pointsOf = ({ summary = '' }: JournalEntry): number => Number(/^(\d+) points$/.exec(summary)?.[1] ?? 0);
  const isWrite = (one: JournalEntry): boolean => one.method !== 'GET' && !one.path.startsWith('/graphql');
  /** In any stretch of an hour, not by the clock. */
  const most = (weigh: (one: JournalEntry) => number): number => {
    const all = asked.map((one) => ({ at: Date.parse(one.at), weight: weigh(one) })).filter(({ weight }) => weight > 0);
    all.sort((a, b) => a.at - b.at);
    let [sum, from, highest] = [0, 0, 0];
    for (const { at, weight } of all) {
      sum += weight;
      for (let first = all[from]; first !== undefined && first.at <= at - HOUR; first = all[from]) {
        sum -= first.weight;
        from += 1;
      }
      highest = Math.max(highest, sum);
    }
    return highest;
  };
  return {
    requests: asked.length,
    unchanged: asked.filter(({ status }) => status === 304).length,
    writes: asked.filter(isWrite).length,
    points: asked.reduce((sum, one) => sum + pointsOf(one), 0),
    mostRequests: most((one) => (isPaid(one) ? 1 : 0)),
    mostPoints: most(pointsOf),
    mostWrites: most((one) => (isWrite(one) ? 1 : 0)),
    refused: asked.filter(({ summary, fault }) => fault === null && (summary === 'rate limit' || summary === 'secondary limit')).length,
  };
}

/** What is still to be done; empty: the day is over. */
export function unfinished(stage: Stage, { github }: Ground, { wanted, strangers: _, orders }: Deeds): readonly string[] {
  const left: string[] = [];
  for (const number of wanted) {
    const issue = github.state.issues.find((one) => one.number === number);
    const task = stage.contents.tasks.get(`gh-${number}`);
    if (issue?.state === 'open' || task?.state !== 'completed')
      left.push(`#${number} is ${issue?.state}, its task ${task?.state ?? 'unknown'}`);
  }
  for (const id of orders) {
    const comment = github.state.comments.find((one) => one.id === id);
    if (!comment?.reactions?.some(({ user }) => user === 'tac8')) left.push(`“${comment?.body}” on #${comment?.issue} is not heard`);
  }
  return left;
}

const MARK = /<!-- tac8:[^>]*-->/;

/** What was done twice, done unasked or not done, in sentences. */
export function judgeDay(stage: Stage, ground: Ground, deeds: Deeds): readonly string[] {
  const { issues, comments } = ground.github.state;
  const wrong: string[] = [];
  const ours = comments.filter(({ author }) => author === 'tac8');
  const seen = new Set<string>();
  for (const { issue, body } of ours) {
    const key = `#${issue} ${MARK.exec(body)?.[0] ?? body}`;
    if (seen.has(key)) wrong.push(`a comment is there twice: ${key}`);
    seen.add(key);
  }
  for (const { id, issue, body, reactions = [] } of comments) {
    const mine = reactions.filter(({ user }) => user === 'tac8').length;
    const isOrder = deeds.orders.has(id);
    if (isOrder ? mine !== 1 : mine !== 0) wrong.push(`“${body.slice(0, 40)}” on #${issue} has ${mine} reactions`);
    if (deeds.asksWhy.has(id) && !seen.has(`#${issue} <!-- tac8:order comment=${id} -->`))
      wrong.push(`/tac8 why on #${issue} has no answer`);
    if (deeds.strangers.has(id) && seen.has(`#${issue} <!-- tac8:order comment=${id} -->`))
      wrong.push(`a stranger on #${issue} is answered`);
  }
  for (const number of deeds.strange) {
    if (stage.contents.tasks.get(`gh-${number}`)?.runs) wrong.push(`#${number} of a stranger was worked on`);
  }
  const pulls = issues.filter(({ pull, author }) => pull !== null && author === 'tac8');
  for (const number of deeds.wanted) {
    const of = pulls.filter(({ pull }) => pull?.head.ref === `auto/gh-${number}`);
    if (of.length !== 1) wrong.push(`#${number} has ${of.length} pull requests`);
    if (of[0]?.pull?.mergedAt == null) wrong.push(`the pull request of #${number} is not merged`);
    const told = [...seen].filter((key) => key.startsWith(`#${number} <!-- tac8:status`)).length;
    if (told !== 1) wrong.push(`#${number} has ${told} status comments`);
    if (![...seen].some((key) => key.startsWith(`#${number} <!-- tac8:comment`))) wrong.push(`#${number} was not told what came of it`);
  }
  for (const { number, pull } of pulls) {
    if (!/^auto\/gh-\d+$/.test(pull?.head.ref ?? '')) wrong.push(`pull request #${number} is of ${pull?.head.ref}`);
    const heads = new Set(deeds.heads.get(number)).size;
    const calls = deeds.calls.get(number)?.size ?? 0;
    if (pull?.mergedAt != null && heads !== 1 + calls) wrong.push(`pull request #${number} has ${heads} heads after ${calls} calls`);
  }
  const boards = issues.filter(({ author, pull }) => author === 'tac8' && pull === null).length;
  if (boards !== 1) wrong.push(`there are ${boards} dashboards`);
  return wrong;
}
