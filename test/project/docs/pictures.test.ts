import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { terminalPicture } from '../../../scripts/pictures/terminal-picture.ts';

const FOLDER = join(import.meta.dirname, '../../../docs/pictures');

/** Each piece of text in a picture: its place, and what it says. */
const pieces = (svg: string): readonly string[] =>
  [...svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)" ([^>]*?) textLength="[\d.]+" xml:space="preserve">([^<]*)<\/text>/g)].map(
    ([, x, y, look, text]) => `${x},${y} ${look}: ${text}`,
  );

test('colours, bold and dim go on over the end of a line, and end where they end', () => {
  const output = '\u001b[1mNeeds you\u001b[22m\n  \u001b[36mgh-4\n\u001b[39mx\u001b[2mdim\u001b[0m plain\n';
  expect(pieces(terminalPicture(output, 80, 'T'))).toEqual([
    '14,27.5 fill="#e6edf3" font-weight="700": Needs you',
    '29.6,45.5 fill="#76e3ea": gh-4',
    '14,63.5 fill="#e6edf3": x',
    '21.8,63.5 fill="#8b949e": dim',
    '45.2,63.5 fill="#e6edf3":  plain',
  ]);
});

test('a line that is longer than the terminal is wide goes on in the next row', () => {
  const svg = terminalPicture('abcdef\u001b[31mgh', 5, 'T');
  expect(pieces(svg).map((one) => one.split(' ').at(-1))).toEqual(['abcde', 'f', 'gh']);
  expect(svg).toContain('viewBox="0 0 67 64"');
});

test('what looks like markup is text; other escape sequences and control characters are left out', () => {
  const svg = terminalPicture('\u001b[2J\u001b[3;4H<script>&\u0007\u001b]0;t', 80, '<T>');
  expect(svg).toContain('&lt;script&gt;&amp;');
  expect(svg).toContain('<title>&lt;T&gt;</title>');
  expect(svg).not.toMatch(/[\u0000-\u0009\u000b-\u001f]|<script/);
});

test.each([
  ['status.svg', ['$ ', 'tac8 status', 'Needs you', 'Running', 'Waiting', 'Done today']],
  ['transcript.svg', ['tac8 view 2', 'run started', 'attempt 2', 'outcome done']],
])('%s holds what the command prints, and neither a path of a person nor anything from elsewhere', (name, words) => {
  const svg = readFileSync(join(FOLDER, name), 'utf8');
  for (const word of words) expect(svg).toContain(word);
  expect(svg).not.toMatch(/\/home\/|\/root\/|\/tmp\/|href|<script|<image/);
});

/** Taken by a browser: a page, its width, its colours. */
const PAGES = ['board', 'fleet', 'setup', 'task'].flatMap((view) =>
  ['phone', 'wide'].flatMap((width) => ['dark', 'light'].map((colours) => `page-${view}-${width}-${colours}.png`)),
);

test('there is no picture besides', () => {
  expect(readdirSync(FOLDER).sort()).toEqual([...PAGES, 'status.svg', 'transcript.svg'].sort());
});
