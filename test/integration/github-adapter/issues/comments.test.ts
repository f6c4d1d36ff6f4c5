import { describe, expect, it } from 'vitest';
import { patience, signal, useGitHub } from '../world.ts';

const world = useGitHub();

describe('comments', () => {
  const marker = '<!-- tac8:gh-1:w-abc123:started -->';

  it('posts once, and knows its own comment by marker and author', async () => {
    await world.start();
    const number = world.github.createIssue('alice', { title: 'One' });
    world.github.comment('eve', number, `Not yours ${marker}`);
    const forge = world.connect();
    const first = await forge.comment(number, marker, 'Started.', signal);
    expect(first).toMatchObject({ posted: true, url: expect.stringContaining('#issuecomment-') });
    expect(await world.connect().comment(number, marker, 'Started.', signal)).toEqual({ ...first, posted: false });
    expect(world.github.state.comments.map((one) => one.body)).toEqual([`Not yours ${marker}`, `Started.\n\n${marker}`]);
  });

  it('gives its own comment other words where it has more to say, and does not write the same twice', async () => {
    await world.start();
    const number = world.github.createIssue('alice', { title: 'One' });
    const forge = world.connect();
    const first = await forge.comment(number, marker, 'Not done: refused.', signal);
    for (let n = 0; n < 2; n += 1)
      expect(await forge.comment(number, marker, 'Done: pull #2 is open.', signal)).toEqual({ ...first, posted: false });
    expect(world.github.state.comments.map((one) => one.body)).toEqual([`Done: pull #2 is open.\n\n${marker}`]);
    expect(world.requests('PATCH', /\/issues\/comments\/\d+$/)).toHaveLength(1);
  });

  it('finds its marker among 250 comments', async () => {
    await world.start();
    const number = world.github.createIssue('alice', { title: 'One' });
    for (let n = 0; n < 249; n += 1) world.github.comment('eve', number, `Chatter ${n}`);
    const forge = world.connect();
    await forge.comment(number, marker, 'Started.', signal);
    expect(await forge.comment(number, marker, 'Started.', signal)).toMatchObject({ posted: false });
    expect(world.github.state.comments).toHaveLength(250);
  });

  it.each(['lost-answer', 'hang-answer', 'cut-body', 'short-body'] as const)('%s: exactly one comment, and it is found', async (kind) => {
    await world.start();
    const number = world.github.createIssue('alice', { title: 'One' });
    world.github.faults.add({ match: { method: 'POST', path: '/comments' }, kind, times: null });
    const forge = world.connect(patience(kind));
    expect(await forge.comment(number, marker, 'Started.', signal)).toMatchObject({ posted: true });
    expect(await forge.comment(number, marker, 'Started.', signal)).toMatchObject({ posted: false });
    await expect.poll(() => world.requests('POST', /\/comments$/)).toHaveLength(1);
    expect(world.github.state.comments).toHaveLength(1);
  });

  it.each([500, 502, 503, 504])('%i on the write: sent once, made by the next call', async (status) => {
    await world.start();
    const number = world.github.createIssue('alice', { title: 'One' });
    world.github.faults.add({ match: { method: 'POST', path: '/comments' }, kind: 'status', status });
    const forge = world.connect();
    await expect(forge.comment(number, marker, 'Started.', signal)).rejects.toMatchObject({ sort: 'retryable', status });
    expect(world.requests('POST', /\/comments$/)).toHaveLength(1);
    expect(await forge.comment(number, marker, 'Started.', signal)).toMatchObject({ posted: true });
    expect(world.github.state.comments).toHaveLength(1);
  });

  it('does not post when it cannot look', async () => {
    await world.start();
    const number = world.github.createIssue('alice', { title: 'One' });
    world.github.faults.add({ match: { method: 'GET', path: '/comments' }, kind: 'status', status: 502, times: null });
    await expect(world.connect().comment(number, marker, 'Started.', signal)).rejects.toMatchObject({ sort: 'retryable' });
    expect(world.requests('POST', /./)).toHaveLength(0);
  });

  it('posts once although two callers ask at once', async () => {
    await world.start();
    const number = world.github.createIssue('alice', { title: 'One' });
    const forge = world.connect();
    const both = await Promise.all([forge.comment(number, marker, 'A', signal), forge.comment(number, marker, 'A', signal)]);
    expect(both.map((one) => one.posted)).toEqual([true, false]);
    expect(world.github.state.comments).toHaveLength(1);
  });

  it(
    'finds its own though a stranger has written thousands behind it, and not what has as many on either side',
    { timeout: 60_000 },
    async () => {
      await world.start();
      const number = world.github.createIssue('alice', { title: 'One' });
      const flood = (many: number) => {
        for (let n = 0; n < many; n += 1) world.github.comment('eve', number, `Me too ${n} ${marker}`);
      };
      flood(150);
      const first = await world.connect().comment(number, marker, 'Started.', signal);
      flood(2_100);
      expect(await world.connect().comment(number, marker, 'Done.', signal)).toEqual({ ...first, posted: false });
      // Nobody reads on for ever.
      const before = world.requests('GET', /\/comments/).length;
      await world.connect().comment(number, '<!-- tac8:gh-1:w-abc124:started -->', 'Again.', signal);
      expect(world.requests('GET', /\/comments/).length - before).toBeLessThanOrEqual(42);
    },
  );
});
