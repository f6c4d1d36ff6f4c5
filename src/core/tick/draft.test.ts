import { describe, expect, it } from 'vitest';
import { NOW, world } from '../../../test/support/world/world.ts';
import { type FleetEvent, NEW_FLEET } from '../model/fleet.ts';
import { Draft } from './draft.ts';
import type { Action } from './plan.ts';

const of = (kind: 'save' | 'push' | 'abort'): Action => ({ kind, run: 'w-000001', task: 'gh-1' });
const tell = (id: number): Action => ({ kind: 'tell', run: 'w-000001', task: 'gh-1', ids: [id] });
const busy = new Set(['w-000001']);

describe('two actions of one run in one tick', () => {
  it.each<[string, Parameters<typeof world>[0], readonly Action[], readonly string[], number]>([
    ['one', {}, [of('save')], ['save'], 0],
    ['the same one twice', {}, [of('save'), of('save')], ['save'], 0],
    ['different ones', {}, [of('save'), of('push')], ['save'], 1],
    ['different words', {}, [tell(1), tell(2)], ['tell'], 1],
    ['one of another run', {}, [of('save'), { ...of('push'), run: 'w-000002' }], ['save', 'push'], 0],
    ['while one is under way', { busy }, [of('save'), of('push')], [], 0],
    ['an abort of what is under way', { busy }, [of('push'), of('abort'), of('abort')], ['abort'], 0],
  ])('%s', (_, more, actions, done, lost) => {
    const draft = new Draft(world(more), NOW);
    for (const action of actions) draft.act(action);
    const plan = draft.plan();
    expect(plan.actions.map(({ kind }) => kind)).toEqual(done);
    expect(plan.lost).toHaveLength(lost);
  });
});

const parking = { type: 'auth_error', until: null, since: NOW, run: 'w-000001', message: 'no' } as const;

it.each<[string, readonly FleetEvent[], object | null]>([
  ['goes on: nothing is parked any more', [{ kind: 'parked', parking }, { kind: 'paused', at: NOW }, { kind: 'resumed' }], NEW_FLEET],
  ['is not parked: nothing changes', [{ kind: 'unparked' }, { kind: 'refused', logins: 'x' }], null],
  ['had no errors: nothing changes', [{ kind: 'provider-errors', inARow: 0 }], null],
  ['counts local tasks past the highest', [9, 3].map((n) => ({ kind: 'numbered', task: `local-${n}` as const })), { nextLocal: 10 }],
  ['does not count issues', [{ kind: 'numbered', task: 'gh-40' }], null],
])('a fleet that %s', (_, events, stored) => {
  const draft = new Draft(world({ fleet: NEW_FLEET }), NOW);
  for (const event of events) draft.changeFleet(event);
  const { fleet } = draft.plan().commit.facts ?? {};
  if (stored === null) expect(fleet).toBeUndefined();
  else expect(fleet).toMatchObject(stored);
});
