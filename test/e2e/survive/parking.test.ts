import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { NOTE, readNotes } from '../../support/agents/agents-seen.ts';
import { workplace } from '../../support/world/daemon.ts';

/** Is refused, in claude's words, until it is let work. */
const AGENT = `${NOTE}
note begin
echo '{"type":"system","subtype":"init","session_id":"11111111-1111-4111-8111-111111111111","model":"m"}'
if [ -e "$NOTES/good" ]; then
  echo "$TAC8_TASK" >"$TAC8_TASK.txt"
  git add -A && git commit -qm "work on $TAC8_TASK"
  exit 0
fi
until [ -e "$NOTES/answer" ]; do sleep 0.05; done
echo '{"type":"result","subtype":"success","is_error":true,"api_error_status":401,"terminal_reason":"api_error","result":"API Error: 401 no such key"}'
exit 1
`;

test('a refused login parks the fleet once, for all; another login lets it go on', { timeout: 180_000 }, async (context) => {
  const place = await workplace(context);
  place.configure({ agent: place.agent(AGENT), max_concurrent_workers: 2 });
  for (const title of ['One', 'Two']) place.issue(title);
  const daemon = place.start();
  await place.until('two at work', () => readNotes(place.notes).length === 2);
  const third = `gh-${place.issue('Three')}`;
  await place.until('the third one waits', () => place.board().includes(`[] ${third}`));
  writeFileSync(join(place.notes, 'answer'), '');
  await place.until('both wait', async () => (await place.status()).counts.active === 0);
  const alerts = () => daemon.happened().filter(({ event }) => event === 'parked');
  expect(alerts()).toMatchObject([{ detail: expect.stringMatching(/^auth_error: 401: .*nothing starts until `tac8 resume`/) }]);
  expect(place.read('logs/tac8.log').match(/"msg":"parked: auth_error/g)).toHaveLength(1);
  expect((await place.tac8('why', third)).out).toContain('or another login of the agent');
  expect(readNotes(place.notes)).toHaveLength(2);
  // Somebody logs the agent in again.
  writeFileSync(join(place.notes, 'good'), '');
  mkdirSync(join(place.home, 'home/.claude'), { recursive: true });
  writeFileSync(join(place.home, 'home/.claude/.credentials.json'), '{}');
  await place.until('all three, those that had met it by themselves', async () => (await place.status()).counts.completed === 3);
  expect(daemon.happened().filter(({ event }) => event === 'unparked')).toHaveLength(1);
  expect((await place.status()).parked).toBeNull();
  expect((await daemon.end('SIGTERM')).code).toBe(0);
});
