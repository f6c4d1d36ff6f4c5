import { expect, test } from 'vitest';
import type { State } from '../../api/state.ts';
import { plainFleet } from './plain-fleet.ts';

test('each text of a stranger is escaped', () => {
  const bad = `</noscript><script>alert("x")</script>'&`;
  const task = {
    id: bad,
    title: bad,
    state: 'blocked',
    group: 'needs_you',
    question: bad,
    reason: null,
    waits_for: null,
    run: null,
    pull: null,
  };
  const hidden = { ...task, id: 'gh-9.codex', state: 'failed', group: null };
  const html = plainFleet({ at: bad, seen_at: bad, slots: { used: 1, of: null }, tasks: [task, hidden] } as unknown as State);
  expect(html.replaceAll(/<\/?(?:h1|p|table|thead|tbody|tr|td|th)(?: scope="\w+")?>/g, '')).not.toMatch(/[<>"']/);
  expect(html.match(/&lt;script&gt;/g)).toHaveLength(5);
  expect(html).toContain('needs you');
  expect(html).not.toContain('gh-9');
});
