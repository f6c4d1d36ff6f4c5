import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EMPTY_STREAM } from '../../src/core/model/run.ts';
import { known, type Seen, unknown } from '../../src/core/model/seen.ts';
import type { RunId, TaskId } from '../../src/core/model/task.ts';
import type { ProcessSeen, Signs } from '../../src/core/tick/world.ts';
import { type Site, type SiteSight, unseen } from '../../src/engine/act/site.ts';
import type { Result } from '../../src/engine/perform/step/apply.ts';
import type { Performed } from '../../src/engine/perform/step/performs.ts';
import { PortError } from '../../src/engine/ports/error.ts';
import { ended, IDENTITY, NOW, pending, running, starting } from '../support/world/world.ts';

/** A place whose runs are at work behind some line, or none: what is there, as it is seen from here. */
export interface SiteRoom {
  readonly site: Site;
  close(): Promise<void>;
}

const LIVE = running('w-000001', 'gh-1');
const OTHER = running('w-000002', 'gh-2');
const NEW = starting('w-000003', 'gh-3');
const OVER = ended('w-000004', 'gh-4');
const subject = (run: typeof LIVE) => ({ run, task: pending(run.task), issue: null });
const never = new AbortController().signal;
const one = (event: Result['events'][number]['event'], why: string): Result => ({ events: [{ event, why }] });

/** What was done there, and what it came to. */
const RESULTS: readonly (readonly [string, Performed, typeof LIVE, Result])[] = [
  ['nothing', { kind: 'tell', run: LIVE.id, task: LIVE.task } as Performed, LIVE, { events: [] }],
  [
    'a start, which counts',
    { kind: 'launch', run: NEW.id, task: NEW.task } as Performed,
    NEW,
    { ...one({ kind: 'launched', process: IDENTITY, at: NOW }, 'pid 4242'), counters: { workers_launched: 1 } },
  ],
  [
    'a start that failed',
    { kind: 'launch', run: NEW.id, task: NEW.task } as Performed,
    NEW,
    one(
      {
        kind: 'ended',
        at: NOW,
        exit: null,
        rebooted: false,
        failedStart: { type: 'startup_error', message: 'no such program', at: NOW },
      } as never,
      'it did not start',
    ),
  ],
  [
    'a step of a stop',
    { kind: 'rung', run: LIVE.id, task: LIVE.task } as Performed,
    LIVE,
    one({ kind: 'swept', members: 2 } as never, 'two ended'),
  ],
  [
    'saved work',
    { kind: 'save', run: OVER.id, task: OVER.task } as Performed,
    OVER,
    one({ kind: 'step', done: { saved: { ref: 'refs/tac8/saved/gh-4/w-000004/1', commit: 'c'.repeat(40) } } }, 'saved'),
  ],
  [
    'a commit',
    { kind: 'commit', run: OVER.id, task: OVER.task } as Performed,
    OVER,
    one({ kind: 'step', done: { wip: { commit: null } } }, 'clean'),
  ],
];

const SIGHT: SiteSight = {
  processes: new Map<RunId, Seen<ProcessSeen>>([
    [LIVE.id, known({ kind: 'alive', identity: IDENTITY, members: 3 } as const, NOW)],
    [OTHER.id, unknown('/proc does not answer', NOW - 1_000)],
    [OVER.id, known({ kind: 'gone', exit: { code: 137, at: NOW }, rebooted: false } as const, NOW)],
  ]),
  streams: new Map([[LIVE.id, { ...EMPTY_STREAM, offset: 4_711 }]]),
  unread: new Map([[OTHER.id, 'its log cannot be read']]),
  signs: new Map<TaskId, Seen<Signs>>([
    [LIVE.task, known({ stop: 'not like this', blocked: null }, NOW)],
    [OTHER.task, unknown('the worktree cannot be read', NOW)],
  ]),
  machine: known({ freeMemoryBytes: 8, freeDiskBytes: 9, loadPerCore: 0.5 }, NOW),
  endedThere: new Map(),
};

/** What every site must do, here or behind a line: `open` puts `home` behind it. */
export function siteConformance(name: string, open: (home: Site) => Promise<SiteRoom>): void {
  describe(`${name} keeps the contract of a site`, () => {
    let room: SiteRoom;
    let perform: Site['perform'];
    let look: Site['look'];
    const asked: (readonly [string, string])[] = [];
    beforeEach(async () => {
      asked.length = 0;
      const home: Site = {
        name: null,
        patience: 0,
        perform(action, about, signal) {
          asked.push([action.kind, about.run.id]);
          return perform(action, about, signal);
        },
        look: (runs) => look(runs),
      };
      room = await open(home);
    }, 60_000);
    afterEach(() => room.close(), 60_000);

    test.each(RESULTS)('tells what an action came to: %s', async (_, action, run, result) => {
      perform = async () => result;
      expect(await room.site.perform(action, subject(run), never)).toEqual(result);
      expect(asked).toEqual([[action.kind, run.id]]);
      // Repeated, it is asked for again: whether that does anything is decided there.
      await room.site.perform(action, subject(run), never);
      expect(asked).toHaveLength(2);
    });

    test.each([
      new PortError('retryable', 'git is busy', { hint: 'Wait.' }),
      new PortError('terminal', 'no such branch', { hint: 'Retry the task.' }),
      new PortError('limited', 'too much', { until: NOW + 60_000 }),
      new PortError('unknown', 'nobody can tell'),
    ])('throws what the ports threw there: %s', async (error) => {
      perform = () => Promise.reject(error);
      const { sort, message, hint, until } = error;
      const [, action, run] = RESULTS[3] ?? [];
      if (action === undefined || run === undefined) return;
      await expect(room.site.perform(action, subject(run), never)).rejects.toMatchObject({ sort, message, hint, until });
    });

    test('gives up what nobody waits for any more', async () => {
      const begun = Promise.withResolvers<void>();
      const given = Promise.withResolvers<void>();
      perform = (_action, _subject, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            given.resolve();
            reject(new PortError('retryable', 'given up'));
          });
          begun.resolve();
        });
      const over = new AbortController();
      const [, action, run] = RESULTS[3] ?? [];
      if (action === undefined || run === undefined) return;
      const done = room.site.perform(action, subject(run), over.signal);
      done.catch(() => undefined);
      await begun.promise;
      over.abort();
      await expect(done).rejects.toThrow();
      await given.promise;
    });

    test('tells all that is seen, unknowns with their reasons', async () => {
      look = async () => SIGHT;
      const sight = await room.site.look([LIVE, OTHER, OVER]);
      expect(sight).toEqual(SIGHT);
    });

    test('what cannot be seen is unknown, and not gone', async () => {
      look = async (runs) => unseen(runs, 'nothing answers', NOW);
      const sight = await room.site.look([LIVE, OVER]);
      expect(sight.processes).toEqual(new Map([[LIVE.id, unknown('nothing answers', NOW)]]));
      expect(sight.unread.get(OVER.id)).toBe('nothing answers');
      expect(sight.signs.get(LIVE.task)?.known).toBe(false);
    });

    test('one that takes long keeps no other waiting', async () => {
      const held = Promise.withResolvers<void>();
      const [slow, fast] = [RESULTS[3], RESULTS[4]];
      if (slow === undefined || fast === undefined) return;
      perform = async ({ kind }) => {
        if (kind === slow[1].kind) await held.promise;
        return kind === slow[1].kind ? slow[3] : fast[3];
      };
      look = async () => SIGHT;
      const first = room.site.perform(slow[1], subject(slow[2]), never);
      expect(await room.site.perform(fast[1], subject(fast[2]), never)).toEqual(fast[3]);
      expect((await room.site.look([LIVE])).processes.size).toBeGreaterThan(0);
      held.resolve();
      expect(await first).toEqual(slow[3]);
    });
  });
}
