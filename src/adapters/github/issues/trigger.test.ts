import { describe, expect, it } from 'vitest';
import { decide, refusal } from './trigger.ts';

type Event = NonNullable<Parameters<typeof refusal>[0]>;
const event = (more: Partial<Event> = {}): Event => ({
  id: 1,
  event: 'labeled',
  created_at: 5,
  actor: { login: 'alice', type: 'User' },
  label: { name: 'go' },
  ...more,
});

describe('whose label starts no work at all', () => {
  it.each([
    ['nobody on record', null, /put it on again/],
    ['a deleted account', event({ actor: null }), /deleted/],
    ['an event without an actor', { ...event(), actor: undefined }, /deleted/],
    ['an app', event({ actor: { login: 'ci', type: 'Bot' } }), /not a person/],
    ['a bot by name', event({ actor: { login: 'tac8[bot]', type: 'User' } }), /not a person/],
    ['an organisation', event({ actor: { login: 'acme', type: 'Organization' } }), /not a person/],
    ['a placeholder for an imported account', event({ actor: { login: 'm', type: 'Mannequin' } }), /not a person/],
    ['an app in a person’s name', event({ performed_via_github_app: { slug: 'triage-helper' } }), /by the app triage-helper/],
  ] as const)('%s', (_, seen, why) => {
    expect(refusal(seen, 'go')).toMatch(why);
  });

  it('a person’s label depends on their rights', () => {
    expect(refusal(event(), 'go')).toBeNull();
    expect(refusal(event({ performed_via_github_app: null }), 'go')).toBeNull();
  });
});

it.each([
  ['admin', 'admin', true],
  ['write', 'maintain', true],
  ['write', 'release-captain', true],
  ['read', 'triage', false],
  ['read', 'read', false],
  ['none', '', false],
  ['owner', 'owner', false],
])('permission %s, role %s: %s', (permission, role, allowed) => {
  expect(decide(event(), { permission, role })).toMatchObject({ actor: 'alice', at: 5, allowed });
});
