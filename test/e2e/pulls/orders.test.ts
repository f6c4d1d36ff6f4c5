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
    // Somebody with rights may put words into another's mouth: what was edited orders nothing.
    const good = fake.comment('wil', issue, 'Looks good.');
    const edited = fake.state.comments.find(({ id }) => id === good) ?? expect.unreachable();
    await heard();
    place.forgeClockAhead(3_000);
    const answer = await fetch(`${fake.url}/repos/acme/widgets/issues/comments/${edited.id}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${fake.token('ana')}` },
      body: JSON.stringify({ body: '/tac8 stop' }),
    });
    expect([answer.status, edited.body]).toEqual([200, '/tac8 stop']);
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

test('pause, resume, tell, stop, retry and cancel: each is done once, acknowledged and answered', { timeout: 240_000 }, async (context) => {
  const place = await workplace(context);
  const { fake } = place;
  const agent = place.agent(`n=$(ls "$1" | wc -l); cat "$2" >"$1/prompt-$n"; ${SLOW.replace('touch "$1/began"; ', '')}`);
  place.configure({
    ...{ agent: { ...agent, command: [...agent.command, '{{ prompt_file }}'] }, stop },
    github: { api_url: fake.url, orders: true },
  });
  const issue = place.issue('One');
  const daemon = place.start();
  const running = () => place.until('a worker', async () => (await taskOf(place))?.run?.state === 'running');
  await running();
  const looks = (): number => fake.journal.entries().filter(({ path }) => /\/issues\/comments\?|\/graphql/.test(path)).length;
  const first = looks();
  await place.until('a look at the comments', () => looks() > first + 1);
  const orders: number[] = [];
  /** Answers what was answered. */
  const say = async (words: string): Promise<string> => {
    const comment = fake.comment('wil', issue, `/tac8 ${words}`);
    if (words !== 'tell') orders.push(comment);
    const mark = `tac8:order comment=${comment}`;
    return place.until(`an answer to ${words}`, () => fake.state.comments.find(({ body }) => body.includes(mark))?.body);
  };
  const pausedAt = async () => ((await taskOf(place)) as { paused_at?: string | null } | undefined)?.paused_at;

  expect(await say('pause')).toMatch(/paused/i);
  expect(await pausedAt()).not.toBeNull();
  expect(await say('resume')).not.toMatch(/Not done/);
  expect(await pausedAt()).toBeNull();
  expect(await say('tell Use Parquet.')).not.toMatch(/Not understood/);
  expect(await say('tell')).toContain('Not understood: the message is empty');
  expect(await say('stop Enough.')).toMatch(/stopped after/);
  await place.until('its end', async () => (await taskOf(place))?.state === 'failed');
  expect(await say('retry Go on with the tea.')).not.toMatch(/Not done/);
  await running();
  const prompts = (): string => ['prompt-0', 'prompt-1'].map((name) => place.read(`../notes/${name}`)).join('\n===\n');
  await place.until('its words', () => prompts().includes('Go on with the tea.'));
  expect(prompts()).toContain('Use Parquet.');
  expect(await say('cancel')).toMatch(/wil on GitHub|stopped|cancelled/);
  await place.until('its end', async () => (await taskOf(place))?.state === 'failed');
  expect(place.strays()).toEqual([]);

  // A daemon that begins anew does none of it again.
  await daemon.end('SIGKILL');
  place.start();
  const before = looks();
  await place.until('more looks', () => looks() > before + 2);
  for (const comment of orders) {
    const reactions = fake.state.comments.find(({ id }) => id === comment)?.reactions ?? [];
    expect(reactions.map(({ content }) => content)).toEqual(['eyes']);
    expect(fake.state.comments.filter(({ body }) => body.includes(`tac8:order comment=${comment}`))).toHaveLength(1);
  }
  expect((await place.status()).counters).toMatchObject({ workers_launched: 2 });
  expect((await taskOf(place))?.state).toBe('failed');
});
