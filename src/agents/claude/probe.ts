import type { Probe, Verdict } from '../ground/kind.ts';
import { parseObject } from '../words/fields.ts';

/** One short question, as a worker would ask it. */
export const PROBE: Probe = {
  args: (model) => [
    ...['-p', '--output-format', 'json', '--max-turns', '1', '--setting-sources', 'user'],
    ...(model === null ? [] : ['--model', model]),
  ],
  input: 'Answer with the single word OK.',
  // Its own retries are for work; a person waits here.
  variables: { CLAUDE_CODE_MAX_RETRIES: '1' },
  judge,
};

function judge(out: string): Verdict | null {
  const result = parseObject(out);
  if (result?.type !== 'result') return null;
  if (result.is_error !== true) return { level: 'ok', says: 'the model answers', mend: null };
  const words = String(result.result ?? result.subtype ?? '').slice(0, 200);
  return { level: 'bad', says: `the model refuses: ${words}`, mend: 'log in again: run `claude`, or set another ANTHROPIC_API_KEY' };
}
