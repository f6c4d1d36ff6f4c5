import { describe, expect, it } from 'vitest';
import { TRIGGER_AGE } from '../../../../src/core/model/forge.ts';
import { reconcile } from '../../../../src/core/reconcile.ts';
import type { Clock } from '../../../../src/engine/ports/machine/clock.ts';
import { watchForge } from '../../../../src/engine/watch/forge-watch.ts';
import { pending, policy, world as seenWorld } from '../../../support/world/world.ts';
import { LABEL, quiet, signal, useGitHub } from '../world.ts';

const world = useGitHub();

describe('who put the label on', () => {
  async function labelled(by: string, force = false): Promise<number> {
    await world.start();
    const number = world.github.createIssue('eve', { title: 'One' });
    world.github.label(by, number, LABEL, force);
    return number;
  }

  it.each([
    ['alice', 'write', true],
    ['mona', 'write access (role maintain)', true],
    ['eve', 'only read', false],
    ['acme', 'not a person', false],
  ] as const)('%s: %s', async (login, why, allowed) => {
    const number = await labelled(login, true);
    const trigger = await world.connect().trigger(number, LABEL, signal);
    expect(trigger).toMatchObject({ actor: login, at: expect.any(Number), allowed, why: expect.stringContaining(why) });
  });

  it('a triager may not, however a custom role is called', async () => {
    const number = await labelled('trish');
    const forge = world.connect();
    expect(await forge.trigger(number, LABEL, signal)).toMatchObject({
      actor: 'trish',
      allowed: false,
      why: expect.stringContaining('role triage'),
    });
    world.github.addUser({ login: 'carl', role: 'write', roleName: 'release-captain' });
    world.github.unlabel('trish', number, LABEL);
    world.github.label('carl', number, LABEL);
    expect(await forge.trigger(number, LABEL, signal)).toMatchObject({
      actor: 'carl',
      allowed: true,
      why: 'carl put the label on and has write access (role release-captain).',
    });
  });

  it('an issue form that labels for a stranger starts nothing', async () => {
    await world.start();
    const number = world.github.createIssue('eve', { title: 'Form', labels: [LABEL], form: true });
    expect(await world.connect().trigger(number, LABEL, signal)).toMatchObject({ actor: 'eve', allowed: false });
  });

  it('a bot that a person has named in the settings may, and no other', async () => {
    const number = await labelled('helper[bot]');
    const named = await world.connect({ bots: ['Helper[bot]'] }).trigger(number, LABEL, signal);
    expect(named).toMatchObject({ actor: 'helper[bot]', allowed: true, why: 'helper[bot] put the label on, and github.bots names it.' });
    expect(await world.connect({ bots: ['helpers'] }).trigger(number, LABEL, signal)).toMatchObject({ allowed: false });
    // A person of that name is a person, whose rights count; an organisation is nobody that acts.
    world.github.addUser({ login: 'helper', role: 'read' });
    world.github.unlabel('helper[bot]', number, LABEL);
    world.github.label('helper', number, LABEL, true);
    expect(await world.connect({ bots: ['helper', 'acme'] }).trigger(number, LABEL, signal)).toMatchObject({
      actor: 'helper',
      allowed: false,
    });
    world.github.unlabel('acme', number, LABEL);
    world.github.label('acme', number, LABEL);
    expect(await world.connect({ bots: ['helper', 'acme'] }).trigger(number, LABEL, signal)).toMatchObject({
      actor: 'acme',
      allowed: false,
    });
  });

  it('a bot may not, with whatever rights', async () => {
    const number = await labelled('helper[bot]');
    const forge = world.connect();
    expect(await forge.trigger(number, LABEL, signal)).toMatchObject({ allowed: false, why: expect.stringContaining('not a person') });
    expect(world.requests('GET', /permission/)).toHaveLength(0);
  });

  it('a deleted account may not', async () => {
    const number = await labelled('alice');
    world.github.deleteUser('alice');
    expect(await world.connect().trigger(number, LABEL, signal)).toMatchObject({
      actor: null,
      allowed: false,
      why: expect.stringContaining('deleted'),
    });
  });

  it('a label that was taken off again is no label, and the newest hand counts', async () => {
    const number = await labelled('alice');
    const forge = world.connect();
    world.github.unlabel('alice', number, LABEL);
    expect(await forge.trigger(number, LABEL, signal)).toMatchObject({ actor: null, at: null, allowed: false });
    world.github.label('trish', number, LABEL);
    expect(await forge.trigger(number, LABEL, signal)).toMatchObject({ actor: 'trish', allowed: false });
    world.github.label('alice', number, 'other');
    expect(await forge.trigger(number, LABEL, signal)).toMatchObject({ actor: 'trish' });
  });

  it('is found behind 130 events', async () => {
    const number = await labelled('trish');
    for (let n = 0; n < 65; n += 1) {
      world.github.label('trish', number, 'flag');
      world.github.unlabel('trish', number, 'flag');
    }
    world.github.unlabel('trish', number, LABEL);
    world.github.label('mona', number, LABEL);
    expect(await world.connect().trigger(number, LABEL, signal)).toMatchObject({ actor: 'mona', allowed: true });
  });

  it('is remembered while the issue stays as it is, and its right asked again after a minute', async () => {
    const number = await labelled('alice');
    const forge = world.connect();
    await forge.issues(LABEL, signal);
    expect(await forge.trigger(number, LABEL, signal)).toMatchObject({ allowed: true });
    const asked = () => world.requests('GET', /events|permission/).length;
    const before = asked();
    world.github.addUser({ login: 'alice', role: 'read' });
    await forge.issues(LABEL, signal);
    expect(await forge.trigger(number, LABEL, signal)).toMatchObject({ allowed: true });
    expect(asked()).toBe(before);
    world.clock += 60_000;
    expect(await forge.trigger(number, LABEL, signal)).toMatchObject({ allowed: false });
  });

  it('is looked at anew as soon as the labels change', async () => {
    const number = await labelled('trish');
    const forge = world.connect();
    await forge.issues(LABEL, signal);
    expect(await forge.trigger(number, LABEL, signal)).toMatchObject({ allowed: false });
    world.github.unlabel('trish', number, LABEL);
    world.github.label('alice', number, LABEL);
    world.github.label('alice', number, 'more');
    await forge.issues(LABEL, signal);
    expect(await forge.trigger(number, LABEL, signal)).toMatchObject({ actor: 'alice', allowed: true });
  });

  it.each([
    [{ kind: 'status', status: 502, times: null }, 'retryable'],
    [{ kind: 'status', status: 403 }, 'terminal'],
    [{ kind: 'secondary-limit' }, 'limited'],
  ] as const)('nobody is let in when the right cannot be asked: %j', async (fault, sort) => {
    const number = await labelled('alice');
    world.github.faults.add({ match: { path: 'permission' }, ...fault });
    await expect(world.connect().trigger(number, LABEL, signal)).rejects.toMatchObject({ sort });
  });

  it('says that the token itself may not ask', async () => {
    const number = await labelled('alice');
    await expect(world.connect({ token: async () => world.github.token('trish') }).trigger(number, LABEL, signal)).rejects.toMatchObject({
      sort: 'terminal',
      hint: expect.stringContaining('write access'),
    });
  });

  it('refuses an account that GitHub does not know', async () => {
    const number = await labelled('alice');
    world.github.faults.add({ match: { path: 'permission' }, kind: 'status', status: 404 });
    expect(await world.connect().trigger(number, LABEL, signal)).toMatchObject({
      allowed: false,
      why: expect.stringContaining('none access'),
    });
  });
});

/** What is remembered here, how old an answer may be at a start, and when it is asked again: one age. */
it('a right that was taken away starts nothing after the one age of an answer, however it was passed on', async () => {
  await world.start();
  for (const title of ['One', 'Two']) world.github.label('alice', world.github.createIssue('eve', { title }), LABEL);
  const forge = world.connect();
  let wakes = 0;
  const watch = watchForge({
    forge,
    clock: { now: () => world.clock } as Clock,
    log: quiet,
    wanted: () => ({ label: LABEL, milestone: null, assignee: null }),
    interval: () => 10 * TRIGGER_AGE,
    wake: () => {
      wakes += 1;
    },
    onNews: () => undefined,
  });
  const settled = async (after: number): Promise<void> => {
    await expect.poll(() => wakes > after && watch.isSettled()).toBe(true);
  };
  const look = async (issue: number): Promise<void> => {
    const before = wakes;
    watch.lookUp({ triggers: [issue], issues: [], dependencies: [] });
    await settled(before);
  };
  /** Whether the second issue's task starts now, by the answers that there are. */
  const starts = (): boolean => {
    const sight = { tasks: [pending('gh-2')], issues: watch.issues(), triggers: watch.triggers() };
    return reconcile(seenWorld(sight), policy(), world.clock).actions.length > 0;
  };
  watch.pollIfDue(world.clock);
  await settled(0);
  await look(1);
  world.github.addUser({ login: 'alice', role: 'read' });

  world.clock += TRIGGER_AGE - 2;
  await look(2);
  // The person's right was remembered from the first question, and is no younger than that.
  expect(starts()).toBe(true);
  world.clock += 2;
  expect(starts()).toBe(false);
  await look(2);
  expect(starts()).toBe(false);
  expect(watch.triggers().get(2)).toMatchObject({ known: true, value: { allowed: false } });
  await watch.close();
});
