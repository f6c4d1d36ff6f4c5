import { expect, test } from 'vitest';
import { ended, failed, NOW, pending, policy, world } from '../../../test/support/world/world.ts';
import { CLAUDE } from '../../agents/claude/abilities.ts';
import { CODEX } from '../../agents/codex/abilities.ts';
import type { Fleet } from '../model/fleet.ts';
import type { Task } from '../model/task.ts';
import { reconcile } from '../reconcile.ts';
import type { World } from '../tick/world.ts';

const deep = { profile: 'deep', kind: 'codex', can: CODEX, model: null };
const spare = { profile: 'spare', kind: 'claude', can: CLAUDE, model: null };
const escalating = (agent: string) =>
  policy({
    agent: { kind: 'claude', can: CLAUDE, model: null },
    agents: { deep, spare },
    routes: [{ when: { attempt: 2 }, model: null, agent }],
  });
const resume = { run: 'w-000001', session: 's', kind: 'claude', message: 'The checks are red.', because: 'validation_error' } as const;
/** Its last run is settled, and is not read any more. */
const second = (more: object = {}): World =>
  world({ forge: 'none', tasks: [{ ...pending('local-1', { runs: 1, attempts: 1, resume }), armedBy: 'person', ...more } as Task] });
const begun = (look: World, agent: string) =>
  (reconcile(look, escalating(agent), NOW).commit.runs ?? []).map(({ next }) => [next.agent.profile, next.resumes?.session ?? null]);

test('a route to another kind of agent begins a conversation of its own, though nothing is known of the run before', () => {
  expect(begun(second(), 'deep')).toEqual([['deep', null]]);
});

test('a route to another agent of the same kind goes on in the conversation', () => {
  expect(begun(second(), 'spare')).toEqual([['spare', 's']]);
});

test('of a conversation that an earlier version kept without its kind, the last run tells', () => {
  const { kind: _, ...kept } = resume;
  expect(begun(second({ resume: kept }), 'spare')).toEqual([['spare', 's']]);
});

test('who retries is told that a route begins another conversation, and the message waits for it', () => {
  const request = {
    ...{ id: 7, verb: 'retry', task: 'local-1', at: NOW, answer: null, from: 'command' },
    args: { continue: true, message: 'Mind the tabs.' },
  } as unknown as World['requests'][number];
  const runs = [ended('w-000001', 'local-1')];
  const look = world({ forge: 'none', tasks: [failed('local-1')], runs, requests: [request] });
  const always = { ...escalating('deep'), routes: [{ when: {}, model: null, agent: 'deep' }] };
  const { commit } = reconcile(look, always, NOW);
  expect(commit.answers?.[0]?.message).toMatch(/no conversation to go on in: a fresh attempt$/);
  expect((commit.facts?.fleet as Fleet).letters?.['local-1']).toMatchObject([{ text: 'Mind the tabs.' }]);
});
