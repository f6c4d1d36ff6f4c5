import { PortError } from '../../../../src/engine/ports/error.ts';
import type { FaultRequest } from '../../../../src/forge-fake/state/faults.ts';
import { GIT_WRITES } from './git.ts';
import { issueOf, MERGE_WRITES, NEVER, openPull, type Write, yes } from './merges.ts';
import type { Place } from './place.ts';

/*
 * Every write against every way in which it can go wrong, as a table: at the end, whatever was lost or said meanwhile, each effect is there once.
 */

const API_WRITES: readonly Write[] = [
  {
    name: 'a comment',
    match: { method: 'POST', path: '/issues/\\d+/comments' },
    async prepare(place) {
      const number = place.github.createIssue('wil', { title: 'One' });
      const marker = `<!-- tac8:comment n=${number} -->`;
      return {
        act: (forge, signal) => forge.comment(number, marker, 'Done.', signal),
        effects: () => place.github.state.comments.filter(({ body }) => body.includes(marker)).length,
      };
    },
  },
  {
    name: 'other words of a comment of our own',
    match: { method: 'PATCH', path: '/issues/comments/\\d+' },
    async prepare(place) {
      const number = place.github.createIssue('wil', { title: 'One' });
      const marker = `<!-- tac8:comment n=${number} -->`;
      await place.connect().comment(number, marker, 'It failed.', NEVER);
      return {
        act: (forge, signal) => forge.comment(number, marker, 'Done.', signal),
        effects: () => place.github.state.comments.filter(({ body }) => body.includes(marker) && body.startsWith('Done.')).length,
      };
    },
  },
  {
    name: 'an edit of a comment',
    match: { method: 'PATCH', path: '/issues/comments/\\d+' },
    async prepare(place) {
      const comment = place.github.comment('tac8', place.github.createIssue('wil', { title: 'One' }), 'before');
      return {
        act: (forge, signal) => forge.editComment(comment, 'after', signal),
        effects: () => place.github.state.comments.filter(({ id, body }) => id === comment && body === 'after').length,
      };
    },
  },
  {
    name: 'an issue of our own',
    match: { method: 'POST', path: '/issues$' },
    async prepare(place) {
      const marker = `<!-- tac8:dashboard n=${place.next()} -->`;
      return {
        act: (forge, signal) => forge.ownIssue(marker, 'The fleet', `All is well.\n\n${marker}`, signal),
        effects: () => place.github.state.issues.filter(({ body }) => body?.includes(marker)).length,
      };
    },
  },
  {
    name: 'an edit of an issue of our own',
    match: { method: 'PATCH', path: '/issues/\\d+$' },
    async prepare(place) {
      const number = place.github.createIssue('tac8', { title: 'The fleet', body: 'before' });
      return {
        act: (forge, signal) => forge.editIssue(number, 'after', 'before', signal),
        effects: () => yes(issueOf(place, number)?.body === 'after'),
      };
    },
  },
  {
    name: 'a pull',
    match: { method: 'POST', path: '/pulls$' },
    async prepare(place) {
      const branch = `auto/gh-${place.next()}`;
      const commit = await place.branch(branch);
      const pull = { branch, base: 'main', title: 'One', body: 'Closes #1', draft: true, commit };
      return {
        act: (forge, signal) => forge.openPull(pull, signal),
        effects: () => place.github.state.issues.filter((one) => one.pull?.head.ref === branch).length,
      };
    },
  },
  {
    name: 'the text of a pull',
    match: { method: 'PATCH', path: '/pulls/\\d+$' },
    async prepare(place) {
      const branch = `auto/gh-${place.next()}`;
      const commit = await place.branch(branch);
      const { number } = await place.connect().openPull({ branch, base: 'main', title: 'One', body: 'first', draft: false, commit }, NEVER);
      return {
        act: (forge, signal) => forge.rewritePull(number, 'second', signal),
        effects: () => yes(issueOf(place, number)?.body?.startsWith('second')),
      };
    },
  },
  ...(['labels', 'assignees', 'requested_reviewers'] as const).map(
    (what): Write => ({
      name: `the ${what.replace('requested_', '')} of a pull`,
      match: { method: 'POST', path: `/${what}$` },
      async prepare(place) {
        const { number } = await openPull(place);
        const form = { labels: ['robot'], assignees: ['wil'], reviewers: ['wil'] };
        return {
          act: (forge, signal) => forge.dress(number, form, signal),
          effects() {
            const { labels = [], assignees = [], reviewers = [] } = issueOf(place, number) ?? {};
            return { labels, assignees, requested_reviewers: reviewers }[what].filter((one) => one === 'robot' || one === 'wil').length;
          },
        };
      },
    }),
  ),
  {
    name: 'an acknowledgement',
    match: { method: 'POST', path: '/reactions$' },
    async prepare(place) {
      const comment = place.github.comment('wil', place.github.createIssue('wil', { title: 'One' }), '/tac8 why');
      return {
        act: (forge, signal) => forge.acknowledge(comment, signal),
        effects: () => place.github.state.comments.find(({ id }) => id === comment)?.reactions?.length ?? 0,
      };
    },
  },
];

export const WRITES: readonly Write[] = [...API_WRITES, ...MERGE_WRITES, ...GIT_WRITES];

export interface WriteFault {
  readonly name: string;
  readonly fault: Omit<FaultRequest, 'match'>;
  /** Which requests it meets; left out: the write itself. */
  readonly match?: FaultRequest['match'];
  /** The time that one attempt has. */
  readonly timeoutMs?: number;
  /** The daemon is killed once the write is done, before it knows. */
  readonly isKilled?: true;
}

export const WRITE_FAULTS: readonly WriteFault[] = [
  { name: 'the answer is lost', fault: { kind: 'lost-answer' } },
  { name: '500 after it was done', fault: { kind: 'status-after', status: 500 } },
  { name: '500 before', fault: { kind: 'status', status: 500 } },
  { name: '502 with HTML before', fault: { kind: 'status', status: 502 } },
  { name: 'no answer, nothing done', fault: { kind: 'hang' }, timeoutMs: 1_000 },
  { name: 'no answer, done', fault: { kind: 'hang-answer' }, timeoutMs: 1_000 },
  { name: 'a body cut off', fault: { kind: 'cut-body' } },
  { name: 'half of a body', fault: { kind: 'short-body' } },
  { name: 'a connection closed', fault: { kind: 'reset' } },
  { name: '301', fault: { kind: 'moved' } },
  { name: 'a secondary limit', fault: { kind: 'secondary-limit', retryAfterSeconds: 0 } },
  { name: 'what is looked at before it fails twice', fault: { kind: 'status', status: 502, times: 2 }, match: { method: 'GET' } },
  { name: 'killed between the sending and the record', fault: { kind: 'hang-answer' }, isKilled: true },
];

/** As often as the engine would at least try a step. */
const TRIES = 5;
/** What is refused so often is given up. */
const REFUSALS = 3;

/** Null: it held; else what is wrong. */
export async function tryWrite(place: Place, write: Write, { fault, match, timeoutMs, isKilled }: WriteFault): Promise<string | null> {
  const { act, effects } = await write.prepare(place);
  const requests = place.github.journal.entries().length;
  place.github.faults.add({ ...fault, match: match ?? write.match, skip: match === undefined ? (write.skip ?? 0) : 0 });
  let forge = place.connect(timeoutMs);
  if (isKilled === true) {
    const life = new AbortController();
    const dying = act(forge, life.signal).catch(() => undefined);
    for (let n = 0; n < 500 && (await effects()) === 0; n += 1) await new Promise((done) => setTimeout(done, 10));
    life.abort();
    await dying;
    forge = place.connect();
  }
  let [last, refusals] = ['never tried', 0];
  for (let n = 0; n < TRIES && last !== ''; n += 1) {
    try {
      await act(forge, NEVER, timeoutMs);
      last = '';
    } catch (error) {
      if (!(error instanceof PortError)) return `threw what no port throws: ${String(error)}`;
      last = `${error.sort}: ${error.message}`;
      refusals += error.sort === 'terminal' ? 1 : 0;
      if (refusals === REFUSALS) break;
      if (error.sort === 'limited') forge = place.connect(timeoutMs);
    }
  }
  place.github.faults.remove();
  if (last !== '') return `not done after ${TRIES} tries: ${last}`;
  if ((await effects()) !== 1) return `there ${await effects()} times`;
  const met = place.github.journal.entries().slice(requests);
  if (!fault.kind.startsWith('hang') && met.every((one) => one.fault === null)) return 'the fault met no request: the table names another';
  // A daemon that begins anew and does not know of it.
  await act(place.connect(), NEVER).catch(() => undefined);
  const after = await effects();
  return after === 1 ? null : `there ${after} times after it was asked for once more`;
}
