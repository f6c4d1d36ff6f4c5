import { expect, test } from 'vitest';
import { CANARY, realIssue } from '../../../../test/support/text/real-issues.ts';
import { cleanText } from './clean-text.ts';

test(
  '1,000 issues as people write them: all code is byte for byte in what the agent reads, and nothing that does not show',
  { timeout: 60_000 },
  () => {
    let codes = 0;
    let hidden = 0;
    for (let seed = 1; seed <= 1000; seed++) {
      const { body, code } = realIssue(seed);
      const { text } = cleanText(body.replaceAll('\r\n', '\n'), false) ?? { text: '' };
      const lost = code.filter((one) => !text.includes(one));
      expect({ seed, lost, seen: text.includes(CANARY) ? text : '' }).toEqual({ seed, lost: [], seen: '' });
      codes += code.length;
      if (body.includes(CANARY)) hidden++;
    }
    expect(codes).toBeGreaterThan(2500);
    expect(hidden).toBeGreaterThan(500);
  },
);
