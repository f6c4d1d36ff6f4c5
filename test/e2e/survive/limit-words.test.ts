import { expect, test } from 'vitest';
import { workplace } from '../../support/world/daemon.ts';

/** A plain command says in its last line that its provider has had enough: the fleet waits until the time that it states. */
test(
  'a command that ends with the words for a limit parks the fleet till then, and burns no attempt',
  { timeout: 120_000 },
  async (context) => {
    const place = await workplace(context);
    const until = Math.floor(Date.now() / 1000) + 3 * 3600;
    place.configure({ agent: place.agent(`cat >/dev/null; echo working; echo "Claude AI usage limit reached|${until}"; exit 1`) });
    const number = place.issue('One');
    const daemon = place.start();
    const status = await place.until('the parking', async () => {
      const { out } = await place.tac8('status', '--json');
      const { parked } = JSON.parse(out) as { parked: { type: string; until: string } | null };
      return parked;
    });
    expect(status).toMatchObject({ type: 'usage_limit', until: new Date(until * 1000).toISOString() });
    expect((await place.tac8('why', String(number))).out).toContain('usage limit reached');
    expect((await daemon.end('SIGTERM')).code).toBe(0);
  },
);
