import { expect, test } from 'vitest';
import { workplace } from '../../support/world/daemon.ts';

/**
 * A plain command says in its last line that its provider has had enough. Anybody's text may stand there: its own task waits until the time that it
 * states and burns no attempt, the others go on.
 */
test(
  'a command that ends with the words for a limit makes its own task wait till then, and no other',
  { timeout: 180_000 },
  async (context) => {
    const place = await workplace(context);
    const until = Math.floor(Date.now() / 1000) + 3 * 3600;
    place.configure({
      agent: place.agent(`cat >/dev/null
if [ "$TAC8_TASK" = gh-1 ]; then echo working; echo "Claude AI usage limit reached|${until}"; exit 1; fi
echo done >done.txt; git add -A; git commit -qm work`),
    });
    const number = place.issue('One');
    const daemon = place.start();
    const task = async (id: number) => (await place.status()).tasks.find((one) => one.id === `gh-${id}`);
    const waits = async () => [await task(number)].find((one) => typeof one?.retry_at === 'string');
    const seen = await place.until('the wait', waits, 100_000);
    expect(seen).toMatchObject({ state: 'pending', attempts: 0 });
    expect(Date.parse(seen?.retry_at ?? '')).toBeGreaterThanOrEqual(until * 1000);
    expect((await place.status()).parked).toBeNull();
    expect((await place.tac8('why', String(number))).out).toContain('usage limit reached');
    const other = place.issue('Two');
    await place.until('the other is done', async () => (await task(other))?.state === 'completed', 100_000);
    expect((await daemon.end('SIGTERM')).code).toBe(0);
  },
);
