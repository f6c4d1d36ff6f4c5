import { expect, test } from 'vitest';
import { type Workplace, workplace } from '../../support/world/daemon.ts';

/* Orders by comments on the issue: of people who may write, once each, acknowledged and answered. */

const SLOW = `echo '{"type":"text"}'; echo half >half; touch "$1/began"; sleep 600`;
const stop = { tool: '100ms', interrupt: '100ms', terminate: '2s', kill: '3s' };
const taskOf = async (place: Workplace) => (await place.status()).tasks.find(({ id }) => id === 'gh-1');

test(
  'a stop by somebody who may write ends the worker; a stranger, a quote and an edit end nothing',
  { timeout: 240_000 },
  async (context) => {
    const place = await workplace(context);
    const { fake } = place;
    place.configure({ agent: place.agent(SLOW), stop, github: { api_url: fake.url, orders: true } });
    // The forge tells whole seconds: what is to be older than the daemon's first look is so by more than that.
    place.forgeClockAhead(-10_000);
    const issue = place.issue('One');
    fake.comment('wil', issue, '/tac8 cancel Said before anybody listened.');
    place.forgeClockAhead(12_000);
    place.start();
    await place.until('a worker', async () => (await taskOf(place))?.run?.state === 'running');
    const asked = (): number => fake.journal.entries().filter(({ path }) => /\/issues\/comments\?|\/graphql/.test(path)).length;
    const heard = async (): Promise<void> => {
      const before = asked();
      await place.until('more looks at the comments', () => asked() >= before + 3);
    };
    await heard();
    fake.comment('rea', issue, '/tac8 stop');
    fake.comment('wil', issue, '> /tac8 stop\n\nNo, let it go on.');
    await heard();
    expect((await taskOf(place))?.state).toBe('active');

    const order = fake.comment('wil', issue, '/tac8 stop Enough for today. @maria');
    await place.until('a stopped task', async () => (await taskOf(place))?.state === 'failed');
    expect((await taskOf(place))?.reason).toMatchObject({
      type: 'stopped',
      message: expect.stringContaining('wil on GitHub: Enough for today.'),
    });
    const comments = () => fake.state.comments.filter((one) => one.issue === issue);
    const answers = () => comments().filter(({ body }) => body.includes(`tac8:order comment=${order}`));
    await place.until('an answer', () => answers().length === 1);
    expect(answers()[0]?.body).toMatch(/stopped after .*work saved/);
    expect(comments().find(({ id }) => id === order)?.reactions).toMatchObject([{ content: 'eyes' }]);

    const said = (await place.tac8('history', String(issue), '--said')).out;
    expect(said).toMatch(/stop .*by wil on GitHub/);
    expect(said).not.toContain('nobody that is known');

    fake.comment('wil', issue, '/tac8 dance');
    await place.until('another answer', () => comments().some(({ body }) => body.includes('Not understood: an order is one of stop')));
    await heard();
    expect(answers()).toHaveLength(1);
    expect(fake.journal.entries().filter(({ method, path }) => method === 'POST' && path.endsWith('/reactions'))).toHaveLength(1);
  },
);
