import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseLine } from '../../agents/line.ts';
import { findBytes, LogError, readBytes, readLog, textOfLine } from './read.ts';

let folder = '';
let path = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tac8-read-'));
  path = join(folder, 'log.jsonl');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function lines(from = 0, last = false): Promise<{ texts: string[]; offset: number; waiting: number }> {
  const texts: string[] = [];
  const end = await readLog(path, from, (line) => texts.push(textOfLine(line)), { last });
  return { texts, ...end };
}

describe('readLog', () => {
  test('takes whole lines; a half one waits until it is whole', async () => {
    writeFileSync(path, 'one\ntwo\nthr');
    const first = await lines();
    expect(first).toEqual({ texts: ['one', 'two'], offset: 8, waiting: 3 });
    appendFileSync(path, 'ee\nfour');
    expect(await lines(first.offset)).toEqual({ texts: ['three'], offset: 14, waiting: 4 });
    expect(await lines(14, true)).toEqual({ texts: ['four'], offset: 18, waiting: 0 });
    expect(await lines(18, true)).toEqual({ texts: [], offset: 18, waiting: 0 });
  });

  test('CRLF, empty lines, NUL bytes and bytes that are no UTF-8', async () => {
    writeFileSync(path, Buffer.concat([Buffer.from('a\r\n\n\0\0{"type":"tac8","event":"x"}\n'), Buffer.from([0xff, 0xfe, 0x0a])]));
    const { texts } = await lines();
    expect(texts).toEqual(['a', '', '\0\0{"type":"tac8","event":"x"}', '\ufffd\ufffd']);
    expect(parseLine(texts[2] ?? '')[0]?.kind).toBe('tac8');
  });

  test('hands out the same lines however it is cut', async () => {
    const unit = fc.constantFrom('a', 'é', '\u{1f468}', '\n', '\r\n', '\0', 'x'.repeat(300_000));
    await fc.assert(
      fc.asyncProperty(fc.array(unit, { maxLength: 12 }), async (parts) => {
        const text = parts.join('');
        writeFileSync(path, text);
        const whole = await lines(0, true);
        const expected = text.split('\n').map((line) => line.replace(/\r$/, ''));
        if (expected.at(-1) === '') expected.pop();
        expect(whole.texts).toEqual(expected);
        expect(whole.offset).toBe(Buffer.byteLength(text));
      }),
      { numRuns: 60 },
    );
  });

  test('with `only`: the lines that hold what is looked for, each with its place, however they are cut', async () => {
    const unit = fc.constantFrom('a', '"tool_use"', '"tool_', 'use"', '\n', '\r\n', 'x'.repeat(300_000));
    await fc.assert(
      fc.asyncProperty(fc.array(unit, { maxLength: 14 }), async (parts) => {
        writeFileSync(path, parts.join(''));
        const all: [number, string][] = [];
        const end = await readLog(path, 0, (line) => all.push([line.offset, textOfLine(line)]), { last: true });
        const some: [number, string][] = [];
        const only = findBytes('"tool_use"');
        expect(await readLog(path, 0, (line) => some.push([line.offset, textOfLine(line)]), { last: true, only })).toEqual(end);
        expect(some).toEqual(all.filter(([, text]) => text.includes('"tool_use"')));
      }),
      { numRuns: 100 },
    );
  });

  test('a line of 20 MB is read in flat memory and is still the same event, its output cut', async () => {
    const output = `${'x'.repeat(79)}\\n`.repeat(250_000);
    const line = `{"type":"user","message":{"role":"user","content":[{"type":"tool_result","content":"${output}","is_error":true,"tool_use_id":"toolu_1"}]},"timestamp":"2026-11-22T12:00:00Z"}`;
    writeFileSync(path, `first\n${line}\nlast\n`);
    global.gc?.();
    const before = process.memoryUsage().rss;
    let squeezed = 0;
    const kinds: unknown[] = [];
    const end = await readLog(path, 0, (each) => {
      squeezed += each.squeezed ? 1 : 0;
      kinds.push(
        ...parseLine(textOfLine(each)).map((event) =>
          event.kind === 'tool_end' ? [event.id, event.ok, event.output.length < 70_000] : event.kind,
        ),
      );
    });
    expect(kinds).toEqual(['raw', ['toolu_1', false, true], 'raw']);
    expect(squeezed).toBe(1);
    expect(end.offset).toBe(Buffer.byteLength(line) + 6 + 6);
    expect(process.memoryUsage().rss - before).toBeLessThan(40 * 2 ** 20);
  });

  test('a flood without a line end is cut into pieces', async () => {
    writeFileSync(path, Buffer.alloc(70 * 2 ** 20, 0x61));
    const sizes: number[] = [];
    const end = await readLog(path, 0, (line) => sizes.push(line.bytes.length));
    expect(sizes).toEqual([4 * 2 ** 20]);
    expect(end.offset).toBeGreaterThan(64 * 2 ** 20 - 1);
  });

  test('says so when the log shrank or vanished', async () => {
    writeFileSync(path, 'one\ntwo\n');
    truncateSync(path, 4);
    await expect(lines(8)).rejects.toThrow(/has 4 bytes, but was read to byte 8/);
    await expect(lines(8)).rejects.toMatchObject({ kind: 'shrunk' });
    await expect(readBytes(path, 8, () => undefined)).rejects.toBeInstanceOf(LogError);
    await expect(readLog(join(folder, 'none'), 0, () => undefined)).rejects.toMatchObject({ kind: 'vanished' });
    await expect(readLog(folder, 0, () => undefined)).rejects.toMatchObject({ kind: 'unreadable' });
  });
});
