import { expect, test } from 'vitest';
import { beginsAsOrder, commentNumber, readAnswer, readOrder, spokenAfter } from './spoken-orders.ts';

test.each([
  ['/tac8 stop', true],
  ['  /tac8 tell x', true],
  ['/tac8', true],
  ['/Tac8 Stop', true],
  ['/tac8: stop', true],
  ['/TAC8, stop', true],
  ['/tac8:stop', false],
  ['/tac8stop', false],
  ['> /tac8 stop', false],
  ['see /tac8 stop', false],
  ['```\n/tac8 stop\n```', false],
  ['    /tac8 stop', false],
])('%j begins as an order: %s', (body, is) => expect(beginsAsOrder(body)).toBe(is));

test.each([
  ['/tac8 stop', { verb: 'stop', args: { reason: 'wil on GitHub' } }],
  [
    '/tac8 cancel not needed\nany more',
    { verb: 'cancel', args: { reason: expect.stringMatching(/^wil on GitHub: not needed.*any more$/) } },
  ],
  ['/tac8 retry', { verb: 'retry', args: {} }],
  ['/tac8 retry  Use the other one.\n\nPlease.', { verb: 'retry', args: { continue: true, message: 'Use the other one.\n\nPlease.' } }],
  ['/tac8 tell Use Parquet.', { verb: 'tell', args: { text: 'Use Parquet.' } }],
  ['/tac8 pause', { verb: 'pause', args: {} }],
  ['/tac8 tell', { kind: 'unclear' }],
  ['/tac8 approve', { kind: 'approve' }],
  ['/tac8 why', { kind: 'why' }],
  ['/Tac8 Stop.', { verb: 'stop', args: { reason: 'wil on GitHub' } }],
  ['/TAC8 STOP!!', { verb: 'stop' }],
  ['/tac8: stop, please', { verb: 'stop', args: { reason: 'wil on GitHub: please' } }],
  ['/tac8\r\nstop\r\n', { verb: 'stop' }],
  ['/tac8\u00a0Cancel\u00a0', { verb: 'cancel' }],
  ['/tac8 Retry: Use the other one.', { verb: 'retry', args: { continue: true, message: 'Use the other one.' } }],
  ['/tac8 Why?', { kind: 'why' }],
  ['/tac8 Approve.', { kind: 'approve' }],
  ['/tac8 approve nothing of this', { kind: 'unclear' }],
  ['/tac8 stopp', { kind: 'unclear' }],
  ['/tac8 stop-workers', { kind: 'unclear' }],
  ['/tac8', { kind: 'unclear' }],
])('%j', (text, order) => expect(readOrder(text, 'wil')).toMatchObject(order));

test.each([
  ['Use Parquet.', false, { verb: 'retry', args: { continue: true, message: 'wil answers on the issue:\n\nUse Parquet.' } }],
  ['approved', false, { verb: 'retry' }],
  ['Approved!', true, { kind: 'approve' }],
  ['I would approve it without the workflow.', true, { verb: 'retry' }],
  ['  ', true, { kind: 'unclear' }],
])('the answer %j, with a push held: %s', (text, isHeld, read) => expect(readAnswer(text, 'wil', isHeld)).toMatchObject(read));

test.each([
  ['https://github.com/a/b/issues/1#issuecomment-12', 12],
  ['https://github.com/a/b/issues/1', null],
  ['', null],
])('%s has the number %s', (url, number) => expect(commentNumber(url)).toBe(number));

test('what was seen is not asked for again, and not forgotten', () => {
  const before = { since: 10, seen: [1], owed: [] };
  expect(
    spokenAfter(
      before,
      [
        { id: 2, at: 30 },
        { id: 1, at: 10 },
      ],
      [],
    ),
  ).toEqual({ since: 30, seen: [1, 2], owed: [] });
  expect(spokenAfter(before, [], []).since).toBe(10);
  const many = Array.from({ length: 1_000 }, (_, n) => ({ id: n, at: n }));
  expect(spokenAfter(before, many, []).seen).toHaveLength(500);
});
