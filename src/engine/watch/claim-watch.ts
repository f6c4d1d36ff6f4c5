import type { ClaimSight, Claims, IssueClaim } from '../../core/model/forge.ts';
import { known, type Ms, type Seen, unknown } from '../../core/model/seen.ts';
import { issueNumber, type Task, type TaskId } from '../../core/model/task.ts';
import * as c from '../../core/start/issue-claim.ts';
import type { Plan } from '../../core/tick/plan.ts';
import type { World } from '../../core/tick/world.ts';
import { messageOf } from '../../core/words/message-of.ts';
import { PortError } from '../ports/error.ts';
import type { Clock } from '../ports/machine/clock.ts';
import type { ClaimsFact } from '../ports/records/facts.ts';
import type { Log } from '../ports/records/log.ts';
import type { Store } from '../ports/records/store.ts';
import type { Claims as ClaimRefs } from '../ports/repository/claims.ts';

/** Which issues this daemon has claimed at the remote, and which others have. All is asked in the background. */
export interface ClaimWatch {
  /** Null: the remote takes no claims, or they are off. */
  sights(): Claims;
  /** Claims what a plan wants to start, renews what goes on, lets go of what nobody wants any more. */
  follow(world: World, plan: Pick<Plan, 'claims'>): void;
  /** The next time that it has something to do by itself. */
  dueAt(): Ms;
  close(): Promise<void>;
}

export interface ClaimWatchOptions {
  /** Null: there is nothing to be claimed. */
  readonly claims: ClaimRefs | null;
  readonly store: Pick<Store, 'fact' | 'commit' | 'tasks'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly isOn: () => boolean;
  readonly wake: () => void;
}

type Held = Omit<IssueClaim, 'owner' | 'machine'>;
/** `id`: the object that stands at the remote as ours; null: nothing does. */
type Own = Held & { readonly id: string | null };
/** `seen`: since when it stands there unchanged, by the clock that nobody sets. */
type Their = { readonly id: string; readonly seen: Ms; readonly claim: IssueClaim };
type Failed = { readonly because: string; readonly since: Ms; readonly at: Ms };
/** What is to stand at the remote in place of that object; `claim` null: nothing. */
type Change = { readonly task: TaskId; readonly from: string | null; readonly claim: Held | null };

/** A task that was claimed and does not start is let go after so long. */
const UNUSED: Ms = 5 * 60_000;
/** A remote that takes no claims is asked again after so long, one that does not answer after a moment. */
const REFUSED_AGAIN: Ms = 60 * 60_000;
const FAILED_AGAIN: Ms = 15_000;
/** What only looks like a refusal, as a limit or a rename in that very moment does, passes: so often in a row it does not. */
const REFUSED_AFTER = 3;
const NEVER = Number.POSITIVE_INFINITY;

export function watchClaims(options: ClaimWatchOptions): ClaimWatch {
  const { claims } = options;
  if (claims !== null) return watchRefs({ ...options, claims });
  return { sights: () => null, follow: () => undefined, dueAt: () => NEVER, close: () => Promise.resolve() };
}

function watchRefs({ claims, store, clock, log, isOn, wake }: ClaimWatchOptions & { readonly claims: ClaimRefs }): ClaimWatch {
  const kept = store.fact('claims');
  const own = new Map<TaskId, Own>((kept?.own ?? []).map(({ task, ...claim }) => [task, claim]));
  const theirs = new Map<TaskId, Their>();
  const failed = new Map<TaskId, Failed>();
  const closing = new AbortController();
  let refused: { readonly why: string; readonly at: Ms } | null = null;
  let refusals = 0;
  let renewedAt: Ms = -NEVER;
  let lookedAt: Ms = clock.steady();
  let work: Promise<void> | null = null;
  let of: ReadonlyMap<TaskId, Seen<ClaimSight>> = sightsNow();
  let written = '';

  function sightsNow(): ReadonlyMap<TaskId, Seen<ClaimSight>> {
    const next = new Map<TaskId, Seen<ClaimSight>>();
    for (const [task, { because, since }] of failed) next.set(task, unknown(because, since));
    for (const [task, { claim }] of theirs) next.set(task, known(theirsAs(claim, clock), clock.now()));
    // One whose work is over may be taken by others at any moment: it is claimed anew before more is done.
    for (const [task, { id, over }] of own) if (id !== null && over === null) next.set(task, known({ kind: 'ours' }, clock.now()));
    return next;
  }

  function write(): void {
    of = sightsNow();
    const fact: ClaimsFact = {
      own: [...own].map(([task, claim]) => ({ task, ...claim })),
      theirs: [...theirs].map(([task, { claim }]) => ({ task, claim })),
      refused: refused?.why ?? null,
    };
    const text = JSON.stringify(fact);
    if (text !== written) store.commit({ facts: { claims: fact } });
    written = text;
  }

  /** Answers why the remote takes none of ours; null: it does. */
  async function push(changes: readonly Change[]): Promise<string | null> {
    const { owner, machine } = await claims.whoami();
    const said = new Map(changes.flatMap(({ task, claim }) => (claim === null ? [] : [[task, claim] as const])));
    const text = c.claimText(owner, machine, clock.now(), said);
    const refs = changes.map(({ task, from, claim }) => ({ task, from, to: claim === null ? ('nothing' as const) : ('claim' as const) }));
    const done = await claims.push(refs, text, closing.signal);
    const others: TaskId[] = [];
    let why: string | null = null;
    for (const { task, claim } of changes) {
      const came = done.of.get(task);
      if (came === 'other' || came === undefined) others.push(task);
      else if (came !== 'done') why = came.refused;
      else {
        if (claim === null) own.delete(task);
        else own.set(task, { ...claim, id: done.id });
        theirs.delete(task);
        failed.delete(task);
      }
    }
    if (others.length > 0) await learn(others, owner);
    return why;
  }

  function goWithout(why: string): void {
    if (refused === null) log.warn(`the remote takes no claims of issues: tac8 goes on without: ${why}`);
    refused = { why, at: clock.steady() };
    failed.clear();
  }

  /** What stands where something else was thought to. */
  async function learn(tasks: readonly TaskId[], owner: string): Promise<void> {
    const there = await claims.read(tasks, closing.signal);
    for (const task of tasks) {
      const found = there.get(task);
      const mine = own.get(task);
      failed.delete(task);
      if (found === undefined) {
        // Somebody took it away: it is put there again where it is still wanted.
        theirs.delete(task);
        if (mine !== undefined) own.set(task, { ...mine, id: null });
        continue;
      }
      const claim = c.readClaim(found.text, task);
      if (claim?.owner === owner) {
        const { since, label, over } = mine ?? claim;
        theirs.delete(task);
        own.set(task, { since, label, over, id: found.id });
        continue;
      }
      own.delete(task);
      const before = theirs.get(task);
      if (before?.id === found.id) continue;
      theirs.set(task, { id: found.id, claim: claim ?? unreadable(clock.now()), seen: clock.steady() });
      log.info(`${task}: ${c.claimedWords(claim ?? unreadable(clock.now()), clock.local)}`);
    }
  }

  /** Others leave it: their work is over and it was asked for anew, or they have not renewed it for long. */
  const isFree = ({ claim, seen }: Their, label: Ms | null): boolean =>
    claim.over === null ? clock.steady() - seen >= c.CLAIM_OLD : c.isLeft(claim, label);

  const isWanted = ({ task, label }: Plan['claims'][number]): boolean => {
    const mine = own.get(task);
    if (mine !== undefined && mine.id !== null && mine.over === null) return false;
    const their = theirs.get(task);
    const last = failed.get(task);
    return (their === undefined || isFree(their, label)) && (last === undefined || clock.steady() - last.at >= FAILED_AGAIN);
  };

  const taking = ({ task, label }: Plan['claims'][number]): Change => {
    const their = theirs.get(task);
    if (their !== undefined) log.info(`${task}: taken over: ${c.claimedWords(their.claim, clock.local)}`);
    return { task, from: their?.id ?? own.get(task)?.id ?? null, claim: { since: clock.now(), label, over: null } };
  };

  /** What is to become of those that we have. `isNews`: it does not wait for the next renewal. */
  function upkeep(world: World): { readonly changes: readonly Change[]; readonly isNews: boolean } {
    const tasks = new Map(own.size === 0 ? [] : store.tasks([...own.keys()]).map((task) => [task.id, task]));
    const fates = [...own].map(([task, claim]) => ({ task, claim, fate: fateOf(world, tasks.get(task), claim, clock.now()) }));
    return {
      changes: fates.flatMap(({ task, claim: { id, ...claim }, fate }): Change[] => {
        if (fate === 'let go') return [{ task, from: id, claim: null }];
        return fate === 'stays' ? [] : [{ task, from: id, claim: { ...claim, over: fate.over } }];
      }),
      isNews: fates.some(({ claim, fate }) => fate === 'let go' || (fate !== 'stays' && fate.over !== claim.over)),
    };
  }

  async function lookAtTheirs(world: World): Promise<void> {
    lookedAt = clock.steady();
    const waiting = new Set(world.tasks.flatMap(({ id, state }) => (state === 'pending' ? [id] : [])));
    for (const task of theirs.keys()) if (!waiting.has(task)) theirs.delete(task);
    if (theirs.size > 0) await learn([...theirs.keys()], (await claims.whoami()).owner);
  }

  async function act(world: World, wanted: Plan['claims'], changes: readonly Change[], looks: boolean): Promise<void> {
    try {
      if (looks) await lookAtTheirs(world);
      if (changes.length > 0) renewedAt = clock.steady();
      const taken = wanted.filter(isWanted).map(taking);
      const names = new Set(taken.map(({ task }) => task));
      const all = [...changes.filter(({ task }) => !names.has(task)), ...taken];
      const why = all.length > 0 ? await push(all) : null;
      refusals = 0;
      if (why !== null) return goWithout(why);
      if (refused !== null) log.info('the remote takes claims of issues again');
      refused = null;
    } catch (error) {
      if (closing.signal.aborted) return;
      const because = messageOf(error);
      const isRefusal = !(error instanceof PortError) || error.sort === 'terminal' || error.sort === 'unknown';
      refusals = isRefusal ? refusals + 1 : 0;
      if (refusals < REFUSED_AFTER && refused === null) {
        for (const { task } of wanted) failed.set(task, { because, since: failed.get(task)?.since ?? clock.now(), at: clock.steady() });
        log.warn(`claims of issues: ${because}`);
        return;
      }
      goWithout(because);
    }
  }

  return {
    sights: () => (isOn() && refused === null ? { of, asks: true } : null),
    follow(world, plan) {
      if (!isOn() || work !== null || closing.signal.aborted) return;
      const now = clock.steady();
      if (refused !== null && now - refused.at < REFUSED_AGAIN) return;
      for (const task of failed.keys()) if (plan.claims.every((one) => one.task !== task)) failed.delete(task);
      const wanted = plan.claims.filter(isWanted);
      const { changes, isNews } = upkeep(world);
      const due = isNews || now - renewedAt >= c.CLAIM_EVERY ? changes : [];
      const looks = theirs.size > 0 && now - lookedAt >= c.CLAIM_EVERY;
      if (wanted.length === 0 && due.length === 0 && !looks) return;
      work = act(world, wanted, due, looks)
        .then(write)
        .catch((error: unknown) => log.warn(`claims of issues: ${messageOf(error)}`))
        .finally(() => {
          work = null;
          wake();
        });
    },
    dueAt() {
      if (work !== null || !isOn()) return NEVER;
      const steady = clock.steady();
      const left = [
        ...(refused !== null ? [refused.at + REFUSED_AGAIN - steady] : []),
        ...(refused === null && [...own.values()].some(({ over }) => over === null) ? [renewedAt + c.CLAIM_EVERY - steady] : []),
        ...(refused === null && theirs.size > 0 ? [lookedAt + c.CLAIM_EVERY - steady] : []),
        ...[...failed.values()].map(({ at }) => at + FAILED_AGAIN - steady),
      ];
      return clock.now() + Math.max(1_000, Math.min(NEVER, ...left));
    },
    async close() {
      closing.abort();
      await work;
    },
  };
}

/** As the daemon wrote it down, for whoever only looks. */
export function claimsWritten(fact: ClaimsFact | null, clock: Clock): Claims {
  if (fact?.refused != null) return null;
  return { of: new Map(fact?.theirs.map(({ task, claim }) => [task, known(theirsAs(claim, clock), clock.now())])), asks: false };
}

const theirsAs = (claim: IssueClaim, { local }: Clock): ClaimSight => ({ kind: 'theirs', claim, words: c.claimedWords(claim, local) });

/** Whoever may push could put anything there: it holds the issue back as a claim does, until it is old. */
const unreadable = (since: Ms): IssueClaim => ({ owner: '', machine: 'somebody unknown', since, label: null, over: null });

/** The work goes on, is over, or the issue is nobody's business any more. */
function fateOf(
  world: World,
  task: Task | undefined,
  { id, since, over }: Own,
  now: Ms,
): 'let go' | 'stays' | { readonly over: Ms | null } {
  if (task === undefined) return 'let go';
  switch (task.state) {
    case 'active':
      return { over: null };
    case 'pending':
      // Its racers are at work, or what one of them made is handed over.
      if (task.race !== undefined) return { over: null };
      if (over !== null) return 'stays';
      return task.runs === 0 && now - since >= UNUSED ? 'let go' : { over };
    default: {
      const number = issueNumber(task.id);
      if (world.issues.known && !world.issues.value.some((issue) => issue.number === number)) return id === null ? 'stays' : 'let go';
      return over === null ? { over: now } : 'stays';
    }
  }
}
