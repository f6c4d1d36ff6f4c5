import { DASHBOARD_MARK } from '../../../src/core/explain/dashboard.ts';
import type { TaskId } from '../../../src/core/model/task.ts';
import type { FaultKind, FaultRequest } from '../../../src/forge-fake/state/faults.ts';
import { HOUR, MINUTE, SECOND } from '../incidents/incidents.ts';
import type { Stage } from '../stage.ts';
import type { DayDaemon } from './daemon.ts';
import type { Ground } from './ground.ts';

export const LABEL = 'rpi-auto';

/** What people, builds and strangers did on GitHub in a day: what tac8 has to answer for. */
export interface Deeds {
  /** Issues that somebody with write access wants done. */
  readonly wanted: Set<number>;
  /** Wanted once, and not any more. */
  readonly unwanted: Set<number>;
  /** Labelled by an issue form that a stranger filled in. */
  readonly strange: Set<number>;
  /** Comments that are orders or answers, by someone who may; those that ask why. */
  readonly orders: Set<number>;
  readonly asksWhy: Set<number>;
  readonly strangers: Set<number>;
  /** Per pull: the heads that a build was red on, and that a review asked for changes of. */
  readonly calls: Map<number, Set<string>>;
  /** Per pull: every head that it had. */
  readonly heads: Map<number, string[]>;
}

/** Begins a day of `hours` with `issues`; answers what was done, as it grows. */
export function livePeople(
  stage: Stage,
  { github, during }: Ground,
  daemon: DayDaemon,
  { hours, issues, isOver }: { readonly hours: number; readonly issues: number; readonly isOver: () => boolean },
): Deeds {
  const { timeline } = stage;
  const random = stage.random('people of the day');
  const deeds: Deeds = {
    ...{ wanted: new Set(), unwanted: new Set(), strange: new Set(), orders: new Set(), asksWhy: new Set(), strangers: new Set() },
    ...{ calls: new Map(), heads: new Map() },
  };
  const looked = new Set<string>();
  const once = (key: string): boolean => !looked.has(key) && looked.add(key) !== undefined;
  const span = hours * HOUR;
  const within = (): number => random.between(0, span);
  const isOpen = (number: number): boolean => github.state.issues.some((one) => one.number === number && one.state === 'open');
  const order = (who: string, number: number, body: string): number => {
    stage.trace(() => `${who} on #${number}: ${body}`);
    const id = github.comment(who, number, body);
    (who === 'eve' ? deeds.strangers : deeds.orders).add(id);
    return id;
  };

  function ask(n: number): void {
    const number = github.createIssue('alice', { title: `Issue ${n}`, body: `Do the ${n}th thing.` });
    github.label(random.chance(0.5) ? 'alice' : 'mona', number, LABEL);
    deeds.wanted.add(number);
    if (random.chance(0.1)) flap(number);
    if (random.chance(0.04)) timeline.after(random.between(MINUTE, 10 * MINUTE), () => giveUp(number));
    if (random.chance(0.2))
      timeline.after(random.between(MINUTE, 20 * MINUTE), () => deeds.asksWhy.add(order('mona', number, '/tac8 why')));
    if (random.chance(0.1)) timeline.after(random.between(10 * SECOND, 10 * MINUTE), () => order('eve', number, '/tac8 cancel'));
  }

  /** On and off within two minutes, and then it stays. */
  function flap(number: number): void {
    for (let n = 1; n <= 3; n += 1)
      timeline.after(n * 30 * SECOND, () => {
        github.unlabel('alice', number, LABEL);
        timeline.after(10 * SECOND, () => github.label('alice', number, LABEL));
      });
    // What was held back for flapping is asked for again once it is over.
    timeline.after(10 * MINUTE, () => {
      if (!isOpen(number) || deeds.unwanted.has(number)) return;
      github.unlabel('alice', number, LABEL);
      timeline.after(MINUTE, () => github.label('alice', number, LABEL));
    });
  }

  function giveUp(number: number): void {
    if (!isOpen(number)) return;
    deeds.wanted.delete(number);
    deeds.unwanted.add(number);
    github.closeIssue('mona', number);
  }

  function lookAtPulls(): void {
    for (const { number, state, author, pull } of github.state.issues) {
      if (pull === null || author !== 'tac8') continue;
      const heads = deeds.heads.get(number) ?? [];
      if (heads.at(-1) !== pull.head.sha) deeds.heads.set(number, [...heads, pull.head.sha]);
      if (state === 'open' && once(`build ${pull.head.sha}`)) build(number, pull.head.sha);
    }
  }

  const isStill = (number: number, sha: string): boolean =>
    github.state.issues.some((one) => one.number === number && one.state === 'open' && one.pull?.head.sha === sha);
  const called = (number: number, sha: string): void => void deeds.calls.set(number, (deeds.calls.get(number) ?? new Set()).add(sha));

  function build(number: number, sha: string): void {
    timeline.after(random.between(20 * SECOND, 4 * MINUTE), () => {
      if (!isStill(number, sha)) return;
      const isRed = (deeds.calls.get(number)?.size ?? 0) < 2 && random.chance(0.2);
      github.setCheck(number, { name: 'build', conclusion: isRed ? 'failure' : 'success', log: isRed ? 'expected 1 to be 2' : 'ok' });
      if (isRed) called(number, sha);
      else timeline.after(random.between(30 * SECOND, 6 * MINUTE), () => review(number, sha));
    });
  }

  function review(number: number, sha: string): void {
    if (!isStill(number, sha)) return;
    const asks = (deeds.calls.get(number)?.size ?? 0) < 2 && random.chance(0.15);
    if (asks) called(number, sha);
    const notes = asks ? [{ path: 'README.md', line: 1, body: 'Say hello.' }] : [];
    github.review('mona', number, { state: asks ? 'CHANGES_REQUESTED' : 'APPROVED', body: asks ? 'One thing.' : 'Fine.', notes });
  }

  /** Questions are answered, what failed is asked for again. */
  function lookAtTasks(): void {
    for (const task of stage.contents.tasks.values()) {
      const number = Number(task.id.replace('gh-', ''));
      if (!deeds.wanted.has(number) || !isOpen(number)) continue;
      if (task.state === 'blocked' && once(`answer ${task.run}`))
        timeline.after(random.between(MINUTE, 5 * MINUTE), () => isIn(task.id, 'blocked') && order('alice', number, 'Use Parquet.'));
      if (task.state === 'failed' && once(`retry ${task.id} ${task.run}`))
        timeline.after(random.between(MINUTE, 5 * MINUTE), () => isIn(task.id, 'failed') && order('alice', number, '/tac8 retry'));
    }
  }
  const isIn = (task: TaskId, state: string): boolean => stage.contents.tasks.get(task)?.state === state;

  /** By hand, where the box stands. */
  function tick(verb: 'pause' | 'resume'): void {
    const issue = github.state.issues.find(({ body }) => body?.includes(DASHBOARD_MARK) === true);
    const body = issue?.body ?? '';
    const ticked = body.replace(new RegExp(`- \\[ \\] (.*<!-- tac8:do ${verb} -->)`), '- [x] $1');
    if (issue === undefined || ticked === body) return;
    stage.trace(() => `mona ticks ${verb}`);
    github.changeIssue('mona', issue.number, { body: ticked });
  }

  function everyWhile(): void {
    lookAtPulls();
    lookAtTasks();
    if (stage.contents.tasks.size > 0 && isOver() && isPaused()) tick('resume');
    timeline.after(15 * SECOND, () => void during(async () => everyWhile()));
  }
  const isPaused = (): boolean => (stage.contents.facts.get('fleet') as { pausedAt?: number | null } | undefined)?.pausedAt != null;

  for (let n = 1; n <= issues; n += 1) timeline.at(random.chance(0.3) ? random.int(5 * MINUTE) : within() * 0.9, () => ask(n));
  for (let n = 0; n < Math.max(2, issues / 10); n += 1)
    timeline.at(within(), () => deeds.strange.add(github.createIssue('eve', { title: `From a form ${n}`, labels: [LABEL], form: true })));
  for (let at = 20 * MINUTE; at < span; at += random.between(20 * MINUTE, 3 * HOUR)) {
    timeline.at(at, () => tick('pause'));
    timeline.at(at + 4 * MINUTE, () => tick('resume'));
  }
  timeline.after(SECOND, everyWhile);
  misfortunes(stage, github, daemon, span);
  return deeds;
}

/** Answers that are lost, refused or late, and a daemon that dies in the midst of what it does. */
function misfortunes(stage: Stage, github: Ground['github'], daemon: DayDaemon, span: number): void {
  const random = stage.random('misfortunes of the day');
  const { timeline } = stage;
  const WRITES = /\/(comments|pulls|issues|reactions)(\/\d+)?$/;
  for (let at = 3 * MINUTE; at < span; at += random.between(2 * MINUTE, 10 * MINUTE))
    timeline.at(at, () => {
      const kind: FaultKind = random.pick<FaultKind>(['lost-answer', 'status-after', 'status', 'reset', 'cut-body', 'secondary-limit']);
      const match: FaultRequest['match'] = random.chance(0.5) ? { method: 'POST', path: WRITES } : {};
      github.faults.add({
        ...{ match, kind, skip: random.int(5) },
        ...(kind === 'status' || kind === 'status-after' ? { status: random.pick([500, 502, 503]) } : {}),
        ...(kind === 'secondary-limit' ? { status: random.pick([403, 429]), retryAfterSeconds: 30 } : {}),
      });
    });
  for (let at = 12 * MINUTE; at < span; at += random.between(10 * MINUTE, HOUR))
    timeline.at(at, () => {
      const down = random.between(10 * SECOND, 3 * MINUTE);
      const call = random.pick(['now', 'comment', 'openPull', 'acknowledge', 'editComment', 'mergeGreen', 'editIssue']);
      if (call === 'now') daemon.kill(down);
      else daemon.killAfter(call as 'comment', down);
    });
}
