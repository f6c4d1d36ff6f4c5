import { expect, test } from 'vitest';
import { active, alive, gone, NOW, running, seen } from '../../test/support/world/world.ts';
import { resultHere, runsThere, sightHere, subjectThere } from './time-there.ts';

const HOUR = 3_600_000;
const run = running('w-000001', 'gh-1');

test('what is waited for has the same age on both machines, there and back', () => {
  const [there] = runsThere([run], HOUR);
  expect(there).toMatchObject({ startedAt: NOW - 60_000 + HOUR, stream: { lastEventAt: NOW - 1_000 + HOUR } });
  const sight = {
    processes: new Map([[run.id, seen(gone({ code: 0, at: NOW + HOUR }), NOW + HOUR)]]),
    streams: new Map([[run.id, there?.stream ?? run.stream]]),
    unread: new Map(),
    signs: new Map(),
    machine: seen({ freeMemoryBytes: 1, freeDiskBytes: 1, loadPerCore: 1 }, NOW + HOUR),
    endedThere: new Map([[run.id, { type: 'timeout' as const, by: 'limits.run_time', reason: 'r', at: NOW + HOUR }]]),
  };
  const here = sightHere(sight, HOUR);
  expect(here.processes.get(run.id)).toEqual(seen(gone({ code: 0, at: NOW }), NOW));
  expect(here.streams.get(run.id)).toEqual(run.stream);
  expect(here.endedThere?.get(run.id)?.at).toBe(NOW);
  expect(here.machine).toMatchObject({ at: NOW });
});

test('so have the events of an action', () => {
  const process = alive.kind === 'alive' ? alive.identity : null;
  const result = {
    events: [
      { event: { kind: 'launched', process, at: NOW + HOUR }, why: '' },
      { event: { kind: 'ended', at: NOW + HOUR, exit: { code: 1, at: NOW + HOUR } }, why: '' },
      { event: { kind: 'unsaid', ids: [1], notBefore: NOW + HOUR }, why: '' },
      { event: { kind: 'step', done: {} }, why: '' },
    ],
  } as unknown as Parameters<typeof resultHere>[0];
  expect(resultHere(result, HOUR).events.map(({ event }) => event)).toMatchObject([
    { at: NOW },
    { at: NOW, exit: { at: NOW } },
    { notBefore: NOW },
    { kind: 'step' },
  ]);
});

test('clocks that agree change nothing', () => {
  const subject = { run, task: active('gh-1', run.id), issue: null };
  expect(subjectThere(subject, 0)).toBe(subject);
});
