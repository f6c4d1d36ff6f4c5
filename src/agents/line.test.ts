import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { markdownShow } from '../transcript/show/markdown.ts';
import { COLOURS, PLAIN } from '../transcript/show/paint.ts';
import { textShow } from '../transcript/show/text.ts';
import { parseClaudeLine } from './claude/lines.ts';
import { parseLine } from './line.ts';

const kinds = (line: unknown): string[] => parseLine(typeof line === 'string' ? line : JSON.stringify(line)).map((event) => event.kind);

describe('parseLine', () => {
  test.each<[string, unknown, string[]]>([
    ['tac8’s own', { type: 'tac8', event: 'run_started', run: 'w-000001' }, ['tac8']],
    ['tac8’s error', { type: 'error', run: 'w-000001', error: { type: 'crash', message: 'm', hint: 'h' } }, ['failure']],
    ['another agent’s error', { type: 'error', error: { name: 'APIError' } }, ['raw']],
    ['another agent’s result', { type: 'result', status: 'error' }, ['raw']],
    ['another agent’s message', { type: 'message', role: 'user', text: 'hi' }, ['raw']],
    ['claude, a new subtype', { type: 'system', subtype: 'never_seen' }, ['quiet']],
    ['claude, a new block', { type: 'assistant', message: { id: 'm', content: [{ type: 'hologram' }] } }, ['quiet']],
    ['claude, thinking', { type: 'assistant', message: { id: 'm', content: [{ type: 'thinking', thinking: 'hm' }] } }, ['thinking']],
    ['claude without a message', { type: 'assistant' }, ['raw']],
    ['words', 'npm ERR! no', ['raw']],
    ['half a line', '{"type":"assistant","mess', ['raw']],
    ['nothing', '  ', []],
    ['a list', '[1]', ['raw']],
  ])('%s', (_what, line, expected) => expect(kinds(line)).toEqual(expected));

  test('never throws, and whatever comes out can be shown without controlling the terminal', () => {
    const word = fc.constantFrom(
      'assistant',
      'user',
      'system',
      'result',
      'init',
      'api_retry',
      'tool_use',
      'tool_result',
      'text',
      'Bash',
      'Edit',
      'tac8',
      '\u001b[2J\u0007\u009b31m\u202e',
      '',
    );
    const value = fc.oneof(
      word,
      fc.jsonValue(),
      fc.record({ type: word, text: word, id: word, name: word, input: fc.jsonValue(), content: fc.jsonValue() }),
    );
    const line = fc.record(
      {
        type: word,
        subtype: word,
        event: word,
        is_error: fc.boolean(),
        error: value,
        run: word,
        message: fc.record({ id: word, model: word, content: fc.oneof(word, fc.array(value)) }),
        rate_limit_info: value,
        usage: value,
        modelUsage: value,
        result: value,
        timestamp: value,
        parent_tool_use_id: value,
      },
      { requiredKeys: ['type'] },
    );
    const shows = [textShow({ detailed: true, paint: PLAIN }), textShow({ detailed: false, paint: PLAIN }), markdownShow(true)];
    fc.assert(
      fc.property(line, (fields) => {
        for (const text of [JSON.stringify(fields), JSON.stringify(fields).slice(0, -3)]) {
          for (const event of [...parseClaudeLine(text), ...parseLine(text)])
            for (const show of shows) expect(show(event)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('colours are the only escapes', () => {
    const show = textShow({ detailed: false, paint: COLOURS });
    const events = parseLine(
      JSON.stringify({
        type: 'assistant',
        message: {
          id: 'm',
          content: [
            { type: 'text', text: 'a\u001b]0;title\u0007\u001b[2Jb' },
            { type: 'tool_use', id: 't', name: 'Bash\u001b[0m', input: { command: 'x\u001b[31m\r\ny' } },
          ],
        },
      }),
    );
    const shown = events.map(show).join('');
    expect(shown.replace(/\u001b\[(?:1|2|22|3[1236]|39)m/g, '')).not.toContain('\u001b');
    expect(shown).toContain('␛[2J');
  });
});
