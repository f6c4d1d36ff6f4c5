import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parseLine } from '../../src/agents/line.ts';
import { logs } from '../../src/cli/view/show-logs.ts';
import { type ViewIo, type ViewOptions, view } from '../../src/cli/view/show-view.ts';
import { clock } from '../../src/transcript/show/quantities.ts';
import { type Kept, kept } from '../support/world/kept.ts';

const fixtures = join(import.meta.dirname, '../fixtures/agents');
const samples = readdirSync(fixtures).filter((name) => name.endsWith('.jsonl'));

let root = '';
let stop = new AbortController();
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tac8-view-'));
  mkdirSync(join(root, 'logs'));
  stop = new AbortController();
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const io = (out: Kept): ViewIo => ({
  root,
  out,
  env: { TERM: 'xterm' },
  now: () => Date.parse('2026-11-22T13:00:00Z'),
  signal: stop.signal,
});
async function shown(options: Omit<ViewOptions, 'task'> = {}): Promise<string> {
  const out = kept();
  await view({ task: 'gh-7', ...options }, io(out));
  return out.text();
}
const put = (sample: string, run = 'w-aaaaaa'): void => copyFileSync(join(fixtures, sample), join(root, 'logs', `gh-7.${run}.jsonl`));
const write = (text: string | Buffer, run = 'w-aaaaaa'): void => writeFileSync(join(root, 'logs', `gh-7.${run}.jsonl`), text);
/** Without the clock, which is the machine's own. */
const untimed = (text: string): string => text.replace(/^\d\d:\d\d:\d\d/gm, '--------');

describe('view', () => {
  test.each(samples)('%s is shown in every form', async (sample) => {
    put(sample);
    for (const options of [{}, { detailed: true }, { json: true }, { markdown: true }, { errors: true }, { tools: true }]) {
      const text = await shown(options);
      expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f]|\[object|NaN/);
      if (!sample.includes('tool-error')) expect(text).not.toContain('undefined');
      if (options.json) for (const line of text.split('\n').slice(0, -1)) expect(JSON.parse(line)).toHaveProperty('kind');
    }
  });

  test.each([
    {},
    { detailed: true },
    { markdown: true },
    { html: true },
    { json: true },
    { last: 20 },
  ])('keys and tokens are taken out, in %j, and no half of one is left where a line is cut', async (options) => {
    const shaped = `ghp_${'a1'.repeat(18)}`;
    const own = 'Tr0ub4dor&3-and-more';
    writeFileSync(join(root, 'tac8.yaml'), 'agent: { kind: claude, env: [MY_LOGIN] }\n');
    const command = (key: string, before: number): object => ({ command: `${'x'.repeat(before)} ${key}` });
    const content = [
      { type: 'text', text: `I use ${shaped} and ${own}.` },
      ...[40, 70, 100, 130, 150, 160, 170, 180, 190, 230].flatMap((before) =>
        [shaped, own].map((key, n) => ({ type: 'tool_use', id: `t${before}${n}`, name: 'Bash', input: command(key, before) })),
      ),
    ];
    write(`${JSON.stringify({ type: 'assistant', message: { id: 'm', role: 'assistant', model: 'x', content }, session_id: 's' })}\n`);
    const out = kept();
    const on = io(out);
    await view({ task: 'gh-7', ...options }, { ...on, env: { ...on.env, MY_LOGIN: own } });
    const text = out.text();
    expect(text).toContain('[redacted]');
    expect(text).not.toMatch(/ghp_|a1a1|Tr0ub|dor&|dor&amp;|-and-more/);
  });

  test('a conversation', async () => {
    put('claude-success.jsonl');
    expect(untimed(await shown())).toBe(
      [
        '          session da980c85-e068-43d4-8ee2-032d2801c654 · claude-opus-5-5 · 2.1.330 · bypassPermissions · /srv/widgets/trees/t1',
        '--------  I will create the file.',
        '--------  ▸ Write /srv/widgets/trees/t1/hello.txt (1 line, 26 bytes)',
        '--------    ✓  0.1 s  File created successfully at: /srv/widgets/trees/t1/hello.txt (file state is current in your context — no need to Read it back)',
        '--------  Now I commit it.',
        '--------  ▸ Bash git add . && git -c user.name=mock -c user.email=mock@localhost commit -q -m "add hello" && git log --oneline -1',
        '--------    ✓  0.4 s  9a279e9 add hello',
        '--------  Done: hello.txt is created and committed.',
        // A line without a time of its own: none is made up for it.
        '          turn ended  3 turns · 1.0 s · 37,725 tokens in, 94 out, $0.15',
        '1 attempt · 3 turns · 37,725 tokens in, 94 out, $0.15',
        '',
      ].join('\n'),
    );
  });

  test.each(
    samples.filter((sample) => sample.startsWith('claude')),
  )('%s: no line has a time that its event does not carry', async (sample) => {
    put(sample);
    const events = readFileSync(join(fixtures, sample), 'utf8').split('\n').flatMap(parseLine);
    const own = new Set(events.flatMap(({ at }) => (at === null ? [] : [clock(at)])));
    const text = await shown({ detailed: true });
    expect([...text.matchAll(/^(\d\d:\d\d:\d\d) {2}/gm)].map(([, time = '']) => time).filter((time) => !own.has(time))).toEqual([]);
    // Retries and what is said of background work carry none.
    expect(text).not.toMatch(/^\d\d:\d\d:\d\d +(?:↻ retry|background|command|sub-agent|session)/m);
    expect(text).not.toMatch(/ede_diagnostic\]|interrupted by user/);
  });

  test('a command that the agent waits for is not called background; one beside it is', async () => {
    const started = (id: string, is_backgrounded: boolean): string =>
      JSON.stringify({
        type: 'system',
        subtype: 'task_started',
        task_id: id,
        description: `work ${id}`,
        is_backgrounded,
        task_type: 'local_bash',
      });
    const ended = (id: string): string =>
      JSON.stringify({ type: 'system', subtype: 'task_notification', task_id: id, status: 'completed', summary: `work ${id}` });
    write(`${[started('a', false), ended('a'), started('b', true), ended('b'), ended('c')].join('\n')}\n`);
    const text = untimed(await shown());
    expect(text.match(/^ +(?:background|command) .*$/gm)?.map((line) => line.trim())).toEqual([
      'background started: work b',
      'background completed: work b',
      'command completed: work c',
    ]);
    expect(await shown({ detailed: true })).toContain('command started: work a');
  });

  test('what people said stands where they said it; thinking is told apart from text', async () => {
    const user = (text: string): string =>
      JSON.stringify({
        type: 'user',
        isReplay: true,
        message: { role: 'user', content: [{ type: 'text', text }] },
        timestamp: '2026-11-22T12:00:00Z',
      });
    const says = (content: object): string =>
      JSON.stringify({ type: 'assistant', message: { id: 'm', model: 'x', content: [content] }, timestamp: '2026-11-22T12:00:01Z' });
    const prompt = Array.from({ length: 40 }, (_, n) => `line ${n}`).join('\n');
    write(
      `${[user(prompt), says({ type: 'thinking', thinking: 'Hm.' }), says({ type: 'text', text: 'Yes.' }), user('Use tabs.')].join('\n')}\n`,
    );
    expect(untimed(await shown())).toMatch(/^-{8} {2}» line 0\n(?: +» line \d+\n){11} +» … 28 lines more\n/);
    expect(untimed(await shown())).toContain('--------  thinking: Hm.\n--------  Yes.\n--------  » Use tabs.\n');
  });

  test('sub-agents are indented, retries, limits, diffs and exit codes are told', async () => {
    put('claude-subagent-fwd.jsonl');
    expect(untimed(await shown())).toContain('\n--------    ▸ Bash echo insub; sleep 1\n--------      ✓  1.3 s  insub\n');
    put('claude-err-429.jsonl');
    expect(await shown()).toContain('↻ retry 1/2 in 2.1 s: 429 rate_limit');
    put('claude-ratelimit-oauth-429.jsonl');
    expect(await shown()).toMatch(/usage limit: five_hour, rejected, resets 2026-11-2\d \d\d:\d\d:\d\d/);
    put('claude-tool-error.jsonl');
    const text = await shown();
    expect(text).toMatch(/✗ {2}exit 3, 0\.3 s {2}ls: cannot access/);
    expect(text).toContain('  - nope\n');
    expect(text).toContain('  + x\n');
  });

  test('all attempts in the order in which they began, one, the counts of tools', async () => {
    const begun = (run: string, hour: number): string =>
      `${JSON.stringify({ type: 'tac8', event: 'run_started', run, time: `2026-11-22T${hour}:00:00Z` })}\n`;
    const use = (name: string): string =>
      `${JSON.stringify({ type: 'assistant', message: { id: 'm', content: [{ type: 'tool_use', id: 't', name, input: {} }] } })}\n`;
    write(begun('w-bbbbbb', 11) + use('Bash') + use('Read'), 'w-bbbbbb');
    write(begun('w-aaaaaa', 12) + use('Bash'), 'w-aaaaaa');
    expect((await shown()).match(/w-\w{6}/g)).toEqual(['w-bbbbbb', 'w-aaaaaa']);
    expect((await shown({ attempt: '2' })).match(/w-\w{6}/g)).toEqual(['w-aaaaaa']);
    expect((await shown({ attempt: 'w-bbbbbb' })).match(/w-\w{6}/g)).toEqual(['w-bbbbbb']);
    expect(await shown({ tools: true })).toBe('      2 "Bash"\n      1 "Read"\n');
    expect(await shown({ since: '90m' })).not.toContain('w-bbbbbb');
    await expect(shown({ attempt: '3' })).rejects.toThrow('there are: 1 (w-bbbbbb), 2 (w-aaaaaa)');
  });

  test('only what went wrong, with the call it belongs to', async () => {
    put('claude-tool-error.jsonl');
    const text = await shown({ errors: true });
    expect(text).toContain('▸ Bash ls /nonexistent; exit 3');
    expect(text).not.toContain('gave up');
  });

  test('how a failed run ended', async () => {
    write(
      '{"type":"error","run":"w-aaaaaa","error":{"type":"auth_error","message":"401: bad key","hint":"Check the key."}}\n{"type":"tac8","event":"run_ended","run":"w-aaaaaa","outcome":"failed","exit":1}\n',
    );
    expect(await shown()).toBe(
      '          ✗ auth_error: 401: bad key\n            Check the key.\n━━ run ended · w-aaaaaa · outcome failed · exit 1\n',
    );
  });

  test('torn lines, NUL bytes, another encoding, escape sequences and 20 MB lines', async () => {
    const torn = '{"type":"assistant","message":{"id":"m","content":[{"type":"te';
    const big = JSON.stringify({
      type: 'user',
      message: { content: [{ type: 'tool_result', tool_use_id: 't', content: 'y'.repeat(20 * 2 ** 20) }] },
    });
    write(
      Buffer.concat([Buffer.from(`${torn}\n\0\0\0\n\u001b[2Jwords\u0007\n`), Buffer.from([0xff, 0x0a]), Buffer.from(`${big}\nlast half`)]),
    );
    const text = await shown();
    expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f]/);
    expect(text).toContain(torn);
    expect(text).toContain('␛[2Jwords␇');
    expect(text).toMatch(/✓ {2}y{400}… 65,\d{3} more/);
    expect(text).toContain('last half');
  });

  test('says which tasks have no log, and what a time is', async () => {
    await expect(shown()).rejects.toThrow(/gh-7 has no log in .*logs/);
    put('claude-success.jsonl');
    await expect(shown({ since: 'soon' })).rejects.toThrow(/"soon" is not a time/);
  });
});

describe('following', () => {
  const until = (out: Kept, words: string): Promise<void> =>
    vi.waitFor(() => expect(out.text()).toContain(words), { timeout: 10_000, interval: 5 });

  test('shows what is written, whole lines only, and goes on into the next attempt', async () => {
    write('{"type":"tac8","event":"run_started","run":"w-aaaaaa","time":"2026-11-22T12:00:00Z"}\nfirst\nsec');
    const out = kept();
    const following = view({ task: 'gh-7', follow: true }, io(out));
    await until(out, 'first');
    appendFileSync(join(root, 'logs/gh-7.w-aaaaaa.jsonl'), 'ond\n');
    await until(out, 'second');
    write('{"type":"tac8","event":"run_started","run":"w-000000","time":"2026-11-22T12:30:00Z"}\nanew\n', 'w-000000');
    await until(out, 'anew');
    stop.abort();
    await following;
    expect(out.text().match(/first|second|anew/g)).toEqual(['first', 'second', 'anew']);
  });

  test('logs: the bytes as they are, and those that come', async () => {
    const bytes = 'one\r\n\0two\u001b[2J\nhalf';
    write(bytes);
    const out = kept();
    const following = logs({ task: 'gh-7', follow: true }, io(out));
    await until(out, 'half');
    appendFileSync(join(root, 'logs/gh-7.w-aaaaaa.jsonl'), ' and half\n');
    await until(out, ' and half\n');
    write('the next attempt\n', 'w-bbbbbb');
    await until(out, 'the next attempt');
    stop.abort();
    await following;
    expect(out.text()).toBe(`${bytes} and half\nthe next attempt\n`);
  });
});
