import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Dispatch, dispatchOn } from '../../src/adapters/machines/dispatch.ts';
import type { Lead } from '../../src/adapters/machines/lead.ts';
import type { Queue } from '../../src/adapters/machines/queue.ts';
import type { Shared } from '../../src/adapters/machines/shared.ts';
import { PROTOCOL } from '../../src/adapters/machines/tables/schema.ts';
import type { RunId, TaskId } from '../../src/core/model/task.ts';

/** One end of what is shared: a coordinator's with its lead, or a runner's. */
export interface End {
  readonly shared: Shared;
  readonly queue: Queue;
}

/** A place where ends meet, empty at first. */
export interface Meeting {
  /** A coordinator takes the lead from whoever had it. */
  lead(holder: string): Promise<Lead & End>;
  runner(name: string): Promise<End>;
  /** The machine has said nothing for an hour. */
  silence(machine: string): Promise<void>;
  close(): Promise<void>;
}

const names = (n: number): [RunId, TaskId] => [`w-${n.toString(16).padStart(6, '0')}`, `gh-${n}`];
const [RUN, TASK] = names(1);
const PACK = { refs: { 'refs/heads/auto/gh-1': 'a'.repeat(40) }, bytes: null };
const PERSON = { kind: 'attach', task: 'gh-1' };

/** What every place must do where a coordinator and its machines meet, whatever it is made of. */
export function sharedConformance(name: string, open: () => Promise<Meeting>): void {
  describe(`${name} keeps the contract of what machines share`, () => {
    let meeting: Meeting;
    let boss: Lead & End;
    let dispatch: Dispatch;
    beforeEach(async () => {
      meeting = await open();
      boss = await meeting.lead('one');
      dispatch = dispatchOn(boss.queue, boss.shared);
    }, 60_000);
    afterEach(() => meeting.close(), 60_000);

    const runner = async (machine: string): Promise<End & { readonly dispatch: Dispatch }> => {
      const end = await meeting.runner(machine);
      await dispatch.welcome(machine);
      await end.shared.beat({
        ...{ name: machine, boot: 'b', version: '1', protocol: PROTOCOL, slots: 2, load: 0.5, freeDisk: 7, freeMemory: 8, ahead: null },
        ...{ labels: ['gpu'], broken: null },
      });
      return { ...end, dispatch: dispatchOn(end.queue, end.shared) };
    };

    test('a machine is known by its last word, and by the runs that it has', async () => {
      expect([await boss.shared.machines(), await boss.shared.machineNamed('m1')]).toEqual([[], null]);
      const m1 = await runner('m1');
      await runner('m2');
      await m1.shared.leases.add(RUN, TASK, 'm1');
      const seen = await boss.shared.machines();
      expect(seen.map((one) => one.name)).toEqual(['m1', 'm2']);
      expect(seen[0]).toMatchObject({
        slots: 2,
        labels: ['gpu'],
        draining: false,
        forgotten: false,
        runs: [RUN],
        freeDisk: 7,
        ahead: null,
      });
      expect(seen[0]?.silentMs).toBeLessThan(20_000);
      await meeting.silence('m1');
      expect((await boss.shared.machineNamed('m1'))?.silentMs).toBeGreaterThan(60_000);
      expect(await boss.shared.setDraining('m1', true)).toBe(true);
      expect(await boss.shared.setDraining('m9', true)).toBe(false);
      // Its next word says nothing of that.
      await runner('m1');
      expect(await boss.shared.machineNamed('m1')).toMatchObject({ draining: true });
    });

    test('a run that is offered again and again is taken once, the more urgent first, and its lease says by whom', async () => {
      const ends = await Promise.all(['m1', 'm2', 'm3'].map(runner));
      for (const _ of [1, 2, 3]) await dispatch.offer(RUN, TASK, -3, null);
      await dispatch.offer(...names(2), 0, null);
      const taken = await Promise.all(ends.map(({ dispatch: own }, n) => own.take(`m${n + 1}`)));
      expect(
        taken
          .filter((one) => one !== null)
          .map(({ run }) => run)
          .toSorted(),
      ).toEqual([RUN, names(2)[0]]);
      const winner = taken.findIndex((one) => one?.run === RUN);
      expect(await dispatch.machineOf(RUN)).toBe(`m${winner + 1}`);
      expect([await dispatch.holds(RUN, `m${winner + 1}`), await dispatch.holds(RUN, 'm9')]).toEqual([true, false]);
      await dispatch.release(RUN);
      expect(await dispatch.machineOf(RUN)).toBeNull();
    });

    test('one for a certain machine, or for labels, is for nobody else, until it is withdrawn', async () => {
      const [m1, m2] = [await runner('m1'), await runner('m2')];
      await dispatch.offer(RUN, TASK, 0, 'm2');
      await dispatch.offer(...names(2), 0, null, ['gpu', 'big']);
      expect([await m1.dispatch.take('m1'), await m1.dispatch.take('m1', ['gpu'])]).toEqual([null, null]);
      expect((await m1.dispatch.take('m1', ['big', 'fast', 'gpu']))?.run).toBe(names(2)[0]);
      await dispatch.withdraw(RUN, 'm2');
      expect(await m2.dispatch.take('m2')).toBeNull();
      await dispatch.offer(RUN, TASK, 0, 'm2');
      expect((await m2.dispatch.take('m2'))?.run).toBe(RUN);
    });

    test('one that was taken, and of which nobody wrote a lease, waits again; two never have it', async () => {
      const [m1, m2] = [await runner('m1'), await runner('m2')];
      await dispatch.offer(RUN, TASK, 0, null);
      // It dies right then.
      expect((await m1.queue.fetch({ machine: null, labels: [] }))?.offered.run).toBe(RUN);
      expect(await m2.dispatch.take('m2')).toBeNull();
      expect([await m1.shared.leases.add(RUN, TASK, 'm1'), await m2.shared.leases.add(RUN, TASK, 'm2')]).toEqual([true, false]);
      expect(await dispatch.machineOf(RUN)).toBe('m1');
    });

    test('a run is taken back from a machine that is silent, and from no other', async () => {
      const m1 = await runner('m1');
      await dispatch.offer(RUN, TASK, 0, null);
      await m1.dispatch.take('m1');
      expect(await dispatch.takeBack(RUN)).toBe(false);
      await meeting.silence('m1');
      expect([await dispatch.takeBack(RUN), await dispatch.takeBack(RUN), await dispatch.machineOf(RUN)]).toEqual([true, false, null]);
    });

    test('what is asked is answered once, by the machine that it was asked of; nothing is laid down for nobody', async () => {
      const [m1, m2] = [await runner('m1'), await runner('m2')];
      const call = (await boss.shared.ask('m1', { word: 'hello' })) ?? '';
      await boss.shared.ask('m1', PERSON);
      expect(await m1.shared.asked('m1')).toEqual([{ id: call, body: { word: 'hello' } }]);
      expect(await m2.shared.asked('m2')).toEqual([]);
      expect(await boss.shared.answerTo(call)).toBeNull();
      const parcel = (await m1.shared.layDown('m1', PACK, call)) ?? '';
      await m1.shared.answer(call, { ok: true, value: { parcel } });
      await m1.shared.answer(call, { ok: true, value: 'another' });
      expect(await boss.shared.answerTo(call)).toEqual({ ok: true, value: { parcel } });
      expect(await m1.shared.asked('m1')).toEqual([]);
      expect((await boss.shared.pickUp(parcel)).refs).toEqual(PACK.refs);
      await boss.shared.throwAway(parcel);
      await expect(boss.shared.pickUp(parcel)).rejects.toMatchObject({ sort: 'retryable' });
      await boss.shared.giveUp(call);
      await m1.shared.answer(call, { ok: true, value: 'late' });
      expect([await boss.shared.answerTo(call), await m1.shared.layDown('m1', PACK, call)]).toEqual([null, null]);
    });

    test('a machine that is given up has no run, and gets none before it has handed in what it had', async () => {
      const [m1, m2] = [await runner('m1'), await runner('m2')];
      await dispatch.offer(RUN, TASK, 0, null);
      await m1.dispatch.take('m1');
      expect([await boss.shared.forget('m9'), await boss.shared.forget('m1')]).toEqual([null, [RUN]]);
      expect([...(await boss.shared.forgottenAmong('m1', [RUN, names(2)[0]]))]).toEqual([RUN]);
      expect((await boss.shared.forgottenAmong('m2', [RUN])).size).toBe(0);
      expect(await boss.shared.machineNamed('m1')).toMatchObject({ forgotten: true, runs: [] });
      // It was about to take one when it was given up.
      expect(await m1.shared.leases.add(...names(2), 'm1')).toBe(false);
      expect(await m2.shared.leases.add(...names(2), 'm2')).toBe(true);
      const [mine] = await m1.shared.forgottenOf('m1');
      expect(mine).toMatchObject({ run: RUN, task: TASK, machine: 'm1', parcel: null });
      if (mine === undefined) return;
      const parcel = (await m1.shared.layDown('m1', PACK)) ?? '';
      await m1.shared.handIn(mine, parcel);
      expect(await m1.shared.forgottenOf('m1')).toEqual([]);
      expect(await boss.shared.handedIn()).toMatchObject([{ run: RUN, parcel }]);
      await boss.shared.settleForgotten(mine);
      expect([await boss.shared.handedIn(), await m1.shared.forgottenOf('m1')]).toEqual([[], []]);
      await m1.shared.welcomeBack('m1');
      expect(await boss.shared.machineNamed('m1')).toMatchObject({ forgotten: false });
    });

    test('one that lost the lead writes nothing at all: no call, no parcel, no offer, no release', async () => {
      const m1 = await runner('m1');
      await dispatch.offer(RUN, TASK, 0, null);
      await m1.dispatch.take('m1');
      const heir = await meeting.lead('two');
      for (const what of [() => boss.check(), () => boss.renew(), () => dispatch.offer(...names(2), 0, null)])
        await expect(what()).rejects.toThrow('another coordinator has taken over');
      await dispatch.release(RUN);
      await meeting.silence('m1');
      expect(await dispatch.takeBack(RUN)).toBe(false);
      const written = [await boss.shared.ask('m1', {}), await boss.shared.layDown('m1', PACK), await boss.shared.forget('m1')];
      expect([...written, await boss.shared.setDraining('m1', true)]).toEqual([null, null, null, false]);
      expect([await m1.shared.asked('m1'), await m1.dispatch.take('m1')]).toEqual([[], null]);
      // The one that has it goes on.
      await heir.check();
      expect(await heir.shared.leases.machineOf(RUN)).toBe('m1');
      expect(await heir.shared.ask('m1', {})).not.toBeNull();
    });

    test('a word is heard on its channel, and whoever waits for one goes on', async () => {
      const m1 = await runner('m1');
      const heard: string[] = [];
      const stop = m1.shared.listen('calls', (word) => void heard.push(word));
      // Whoever begins to listen may miss the first ones.
      await vi.waitFor(
        async () => {
          await boss.shared.tell('calls', 'm1');
          expect(heard).toContain('m1');
        },
        { timeout: 20_000 },
      );
      stop();
      const over = new AbortController();
      const word = m1.shared.word('answers', over.signal);
      over.abort();
      await word;
    });
  });
}
