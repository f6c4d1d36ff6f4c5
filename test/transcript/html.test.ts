import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ViewOptions, view } from '../../src/cli/view/show-view.ts';
import { kept } from '../support/world/kept.ts';

const fixtures = join(import.meta.dirname, '../fixtures/agents');
const samples = readdirSync(fixtures).filter((name) => name.endsWith('.jsonl'));

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tac8-html-'));
  mkdirSync(join(root, 'logs'));
});
afterEach(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));

async function page(log: string | Buffer, options: Partial<ViewOptions> = {}): Promise<string> {
  writeFileSync(join(root, 'logs/gh-7.w-aaaaaa.jsonl'), log);
  const out = kept();
  const io = { root, out, env: {}, now: () => Date.parse('2026-11-22T13:00:00Z'), signal: new AbortController().signal };
  await view({ task: 'gh-7', html: true, ...options }, io);
  return out.text();
}

const OWN = /<(?:\/?(?:html|head|title|style|body|header|main|footer|h1|h2|p|div|time|details|summary|pre)|meta|!doctype)\b[^<>]*>/gi;
/** What is left when our own tags are taken away. */
const restOf = (html: string): string => html.replace(/<style>.*?<\/style>/s, '').replace(OWN, '');

test.each(samples)('%s becomes a page of our own tags alone, each closed', async (sample) => {
  for (const options of [{}, { detailed: true }, { errors: true }]) {
    const html = await page(readFileSync(join(fixtures, sample)), options);
    expect(restOf(html)).not.toMatch(/[<>]/);
    expect(html).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f]|undefined<|\[object|NaN/);
    for (const tag of ['div', 'details', 'summary', 'pre', 'time', 'h2', 'main', 'html'])
      expect(html.split(`<${tag}`).length, tag).toBe(html.split(`</${tag}>`).length);
  }
});

const HOSTILE = (url: string): readonly string[] => [
  `<script>document.title='owned';fetch('${url}/script')</script>`,
  `<img src="${url}/img" onerror="document.title='owned'">`,
  `</pre></details></div></main><iframe src="${url}/frame"></iframe><base href="${url}/"><link rel=stylesheet href="${url}/css">`,
  `<meta http-equiv="refresh" content="0;url=${url}/refresh">"'><svg onload=alert(1)>`,
  `<style>@import "${url}/import"; body{background:url(${url}/background)}</style>&lt;script&gt;`,
  '<a href="javascript:document.title=1">click</a>\u0000<\u0000script>\ud800<!--',
];

function hostileLog(url: string): string {
  const words = HOSTILE(url).join('\n');
  const call = { type: 'tool_use', id: `"><script>`, name: words, input: { command: words, [words]: words } };
  return [
    { type: 'tac8', event: words, run: words, task: words, time: '2026-11-22T12:00:00Z' },
    { type: 'system', subtype: 'init', session_id: words, model: words, cwd: words },
    ...HOSTILE(url).map((text) => ({ type: 'assistant', message: { content: [{ type: 'text', text }] } })),
    { type: 'assistant', message: { content: [{ type: 'thinking', thinking: words }, call] } },
    { type: 'user', message: { content: [{ type: 'tool_result', tool_use_id: `"><script>`, is_error: true, content: words }] } },
    { type: 'user', message: { content: words }, isReplay: true },
    { type: 'assistant', error: words, message: { content: words } },
    { type: 'result', subtype: words, is_error: true, result: words, terminal_reason: words },
    { type: 'error', run: words, error: { type: words, message: words, hint: words } },
    words,
  ]
    .map((line) => (typeof line === 'string' ? line : JSON.stringify(line)))
    .join('\n');
}

test('hostile text stays text', async () => {
  for (const options of [{}, { detailed: true }]) {
    const html = await page(hostileLog('http://evil.test'), options);
    expect(restOf(html)).not.toMatch(/[<>]/);
    expect(html.match(/&lt;script&gt;document\.title/g)?.length).toBeGreaterThan(8);
    // No attribute of ours holds words of the agent's.
    for (const [tag] of html.replace(/^.*<\/head>/s, '').matchAll(OWN)) expect(tag).toMatch(/^<\/?\w+(?: class="[a-z0-9 ]+"| open)?>$/);
  }
});

test('a real browser shows it, runs none of it, and asks nobody for anything', { timeout: 120_000 }, async () => {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    response.end();
  }).listen(0, '127.0.0.1');
  try {
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    // So that silence means something: the same browser does ask for what a page of this kind asks for.
    await browse(`<!doctype html><img src="${url}/witness">`);
    expect(asked).toEqual(['/witness']);
    const dom = await browse(await page(hostileLog(url), { detailed: true }));
    expect(asked).toEqual(['/witness']);
    expect(dom).toContain('<title>gh-7: what its agent said and did</title>');
    expect(dom).toContain('2026-11-22');
    expect(restOf(dom)).not.toMatch(/[<>]/);
    expect(dom.match(/<details/g)?.length).toBeGreaterThanOrEqual(3);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

/** What the browser made of a page, as text. */
async function browse(html: string): Promise<string> {
  const path = join(root, 'page.html');
  writeFileSync(path, html);
  const flags = [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-breakpad',
  ];
  const argv = [...flags, `--user-data-dir=${join(root, 'browser')}`, '--virtual-time-budget=3000', '--dump-dom', `file://${path}`];
  const env = { PATH: process.env.PATH, HOME: root, TMPDIR: root };
  const { stdout } = await promisify(execFile)('chromium', argv, { env, timeout: 100_000, maxBuffer: 2 ** 26 });
  return stdout;
}
