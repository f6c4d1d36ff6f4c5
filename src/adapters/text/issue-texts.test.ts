import { expect, test } from 'vitest';
import { createIssueTexts, MAX_TEXT } from './issue-texts.ts';

const PROGRAM = new URL('thread.ts', import.meta.url).pathname;
const texts = createIssueTexts(PROGRAM);
const K = 1024;

test('a text is read in a thread; what does not show is named', { timeout: 30_000 }, async () => {
  expect(await texts.shown('Fix `<!-- this -->`.\r\n<!-- not this -->')).toEqual({
    text: 'Fix `<!-- this -->`.',
    left: 0,
    taken: ['comments'],
    plain: null,
  });
});

test('it is cut before it is read, and nothing shows that the cut has uncovered', { timeout: 60_000 }, async () => {
  const hides = ['a <!-- CANARY', '![CANARY', '[x](y "CANARY', '<b title="CANARY', '[x]: y "CANARY', '$\\phantom{CANARY'];
  for (const hidden of hides) {
    const before = `Seen.\n\n${'word '.repeat((MAX_TEXT - 40 - hidden.length) / 5)}\n\n`;
    const { text, left, plain } = await texts.shown(`${before}${hidden} ${'more '.repeat(200)}-->`);
    expect({ hidden, plain, seen: text.startsWith('Seen.'), canary: text.includes('CANARY') }).toEqual({
      ...{ hidden, plain: null, seen: true, canary: false },
    });
    expect(left).toBeGreaterThan(900);
  }
});

test.each([
  ['quotes', '>'.repeat(8 * K), /quotes and lists/],
  ['quotes and lists', '> - 1. '.repeat(40), /quotes and lists/],
  ['brackets', ']'.repeat(64 * K), /brackets/],
])('%s that are nested too deeply are plain text at once', async (_what, body, why) => {
  const began = performance.now();
  const { text, plain } = await texts.shown(`a <b> & <!-- c --> d\n${body}`);
  expect(plain).toMatch(why);
  expect(text).toMatch(/^a &lt;b&gt; &amp; {2}d\n/);
  expect(performance.now() - began).toBeLessThan(1000);
});

test('a text that takes too long is plain text; the next one is read', { timeout: 60_000 }, async () => {
  const short = createIssueTexts(PROGRAM, { cpu: 20_000, wall: 300, megabytes: 256 });
  expect(await short.shown('- a\n'.repeat(16 * K))).toMatchObject({ plain: 'it took longer than 0.3 s' });
});

test('a text that takes too much memory is plain text', { timeout: 60_000 }, async () => {
  const small = createIssueTexts(PROGRAM, { cpu: 20_000, wall: 60_000, megabytes: 24 });
  expect(await small.shown('- a\n'.repeat(16 * K))).toMatchObject({ plain: 'it took too much memory' });
  expect(await texts.shown('after *that*')).toMatchObject({ text: 'after *that*', plain: null });
});

test('a program that is not there makes a text plain, and takes nobody with it', { timeout: 30_000 }, async () => {
  const { plain, text } = await createIssueTexts('/nowhere/thread.ts').shown('x < y');
  expect(plain).not.toBeNull();
  expect(text).toBe('x &lt; y');
});
