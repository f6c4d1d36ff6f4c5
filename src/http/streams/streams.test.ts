import { appendFileSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { AUTH, RUN, apiWorld as world } from '../../../test/support/world/api-world.ts';
import { pending } from '../../../test/support/world/world.ts';
import { change } from '../../api/events.ts';
import { state } from '../../api/state.ts';
import { newSteps } from '../../api/transcript.ts';

/** A stream of events as a browser reads it. */
async function stream(port: number, headers: Readonly<Record<string, string>> = {}, of = 'events') {
  const events: { id: string; event: string; data: unknown }[] = [];
  let text = '';
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path: `/api/v1/${of}`, headers: { ...AUTH, ...headers }, agent: false }, resolve);
    asked.on('error', reject);
    asked.end();
    onTestFinished(() => void asked.destroy());
  });
  response.on('error', () => undefined);
  response.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const fields = Object.fromEntries(
        text
          .slice(0, end)
          .split('\n')
          .map((line) => [line.split(': ')[0] ?? '', line.slice(line.indexOf(': ') + 2)]),
      );
      if (fields.data !== undefined) events.push({ id: fields.id ?? '', event: fields.event ?? '', data: JSON.parse(fields.data) });
      text = text.slice(end + 2);
    }
  });
  return { response, events, close: () => response.destroy() };
}

test('a stream tells all, then what changes, and goes on where it was cut off', async () => {
  const { server, store } = await world();
  const first = await stream(server.port);
  expect(first.response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
  await expect.poll(() => first.events.length).toBe(1);
  expect(state.parse(first.events[0]?.data).tasks).toHaveLength(3);
  store.commit({ tasks: [{ next: { ...pending('gh-4'), title: 'New' }, expected: null }] });
  await expect.poll(() => first.events.length).toBe(2);
  const told = change.parse(first.events[1]?.data);
  expect(told.head.at).toBeDefined();
  expect([told.rows.map(({ title }) => title), told.order]).toEqual([['New'], ['gh-2', 'gh-1', 'gh-3', 'gh-4']]);
  first.close();
  store.commit({ tasks: [{ next: { ...pending('gh-5'), title: 'Newer' }, expected: null }] });
  const again = await stream(server.port, { 'last-event-id': first.events[1]?.id ?? '' });
  await expect.poll(() => again.events.length).toBe(1);
  expect(change.parse(again.events[0]?.data).rows.map(({ title }) => title)).toEqual(['Newer']);
  const lost = await stream(server.port, { 'last-event-id': 'another-1' });
  await expect.poll(() => lost.events.map(({ event }) => event)).toEqual(['state']);
});

test('what an agent says is told as it says it, before the loop has written it down; what the store knows better counts', async () => {
  const { server, store, logs, ask } = await world();
  const log = join(logs, `gh-1.${RUN}.jsonl`);
  const says = (text: string): void =>
    appendFileSync(log, `${JSON.stringify({ type: 'assistant', message: { id: text, content: [{ type: 'text', text }] } })}\n`);
  const run = store.run(RUN);
  if (run === null) throw new Error('no run');
  writeFileSync(log, `${' '.repeat(run.stream.offset - 1)}\n`);
  const open = await stream(server.port);
  await expect.poll(() => open.events.length).toBe(1);
  const told = () => open.events.slice(1).map(({ data }) => change.parse(data).rows.map(({ id, run }) => [id, run?.activity, run?.turns]));
  says('First I look.');
  await expect.poll(told).toEqual([[['gh-1', 'says: First I look.', 1]]]);
  says('Then I write.');
  await expect.poll(told).toEqual([[['gh-1', 'says: First I look.', 1]], [['gh-1', 'says: Then I write.', 2]]]);
  const shown = async () => state.parse(JSON.parse((await ask('/api/v1/state')).body)).tasks.find(({ id }) => id === 'gh-1')?.run?.activity;
  expect(await shown()).toBe('says: Then I write.');
  store.commit({ runs: [{ next: { ...run, stream: { ...run.stream, offset: 1e6, activity: 'written down' } }, expected: run.version }] });
  await expect.poll(() => told().at(-1)).toEqual([['gh-1', 'written down', 0]]);
  // Nobody listens any more: what was heard is forgotten, and the store is asked.
  open.close();
  store.commit({ runs: [{ next: run, expected: store.run(RUN)?.version ?? null }] });
  await expect.poll(shown).toBe(run.stream.activity);
});

test('a transcript is followed as it is written, from where the reader was, until a later run begins', async () => {
  const { server, logs } = await world();
  const log = join(logs, `gh-1.${RUN}.jsonl`);
  const line = (event: string): string => `${JSON.stringify({ type: 'tac8', event, at: 1, run: RUN })}\n`;
  writeFileSync(log, line('first'));
  const textsIn = (events: readonly { readonly event: string; readonly data: unknown }[]) =>
    events.filter(({ event }) => event === 'steps').flatMap(({ data }) => newSteps.parse(data).steps.map(({ text }) => text));
  const fromNow = await stream(server.port, {}, 'tasks/gh-1/transcript/follow');
  const whole = await stream(server.port, {}, 'tasks/gh-1/transcript/follow?after=0');
  await expect.poll(() => textsIn(whole.events)).toEqual(['first']);
  appendFileSync(log, line('second'));
  await expect.poll(() => [textsIn(fromNow.events), textsIn(whole.events)]).toEqual([['second'], ['first', 'second']]);
  const back = await stream(server.port, { 'last-event-id': whole.events[0]?.id ?? '' }, 'tasks/gh-1/transcript/follow?after=0');
  await expect.poll(() => textsIn(back.events)).toEqual(['second']);
  writeFileSync(
    join(logs, 'gh-1.w-00000c.jsonl'),
    JSON.stringify({ type: 'tac8', event: 'later', at: Date.now() + 60_000, run: 'w-00000c' }),
  );
  await expect.poll(() => back.events.at(-1)?.event, { timeout: 5_000 }).toBe('over');
});

test('200 streams get each event; more than 256 are refused; health is told all the while', { timeout: 30_000 }, async () => {
  const { server, store, ask } = await world();
  const open = await Promise.all(Array.from({ length: 200 }, () => stream(server.port)));
  await expect.poll(() => open.every(({ events }) => events.length === 1)).toBe(true);
  store.commit({ tasks: [{ next: pending('gh-4'), expected: null }] });
  await expect.poll(() => open.every(({ events }) => events.length === 2)).toBe(true);
  const more = await Promise.all(Array.from({ length: 60 }, () => stream(server.port)));
  expect(more.filter(({ response }) => response.statusCode === 503)).toHaveLength(4);
  expect((await ask('/healthz', { headers: {} })).status).toBe(200);
  expect((await ask('/metrics', { headers: {} })).status).toBe(200);
  for (const { close } of [...open, ...more]) close();
});

test('10,000 connections that say nothing are bounded, and keep nobody out', { timeout: 60_000 }, async () => {
  const { server, ask } = await world();
  const open = new Set<Socket>();
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
  });
  let most = 0;
  for (let n = 0; n < 10_000; n += 500) {
    await Promise.all(
      Array.from({ length: 500 }, async () => {
        const socket = connect({ host: '127.0.0.1', port: server.port });
        socket.on('error', () => undefined);
        socket.on('close', () => open.delete(socket));
        await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
        open.add(socket);
      }),
    );
    expect((await ask('/healthz', { headers: {} })).status).toBe(200);
    most = Math.max(most, await server.connections());
  }
  expect((await ask('/api/v1/state')).status).toBe(200);
  expect(most).toBeLessThanOrEqual(768);
});
