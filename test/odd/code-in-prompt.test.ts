import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createIssueTexts } from '../../src/adapters/text/issue-texts.ts';
import { promptVariables, tell } from '../../src/agents/ground/prompt.ts';
import { readTemplate } from '../../src/agents/ground/prompt-parts.ts';
import { SAMPLE_ISSUE, SAMPLE_RUN, SAMPLE_TASK } from '../../src/doctor/project/samples.ts';
import { CANARY, realIssue } from '../support/text/real-issues.ts';

/* The whole way of a text: read in its thread, put into its block, rendered by the template that is built in. */

const ISSUES = 1_000;
const THREAD = join(import.meta.dirname, '../../src/adapters/text/thread.ts');
const FACTS = { worktree: '/repo/trees/gh-1', baseBranch: 'main', previousFailure: null, verify: 'npm test', guidance: 'Be brief.' };

test(
  'issues as people write them: all code is byte for byte in the prompt, and nothing that does not show',
  {
    timeout: 240_000,
  },
  async () => {
    const texts = createIssueTexts(THREAD);
    const template = readTemplate('/nowhere/worker_template.md');
    let codes = 0;
    let hidden = 0;
    for (let seed = 1; seed <= ISSUES; seed++) {
      const { body, code } = realIssue(seed);
      const issue = { ...SAMPLE_ISSUE, shown: await texts.shown(body) };
      const prompt = tell(template, promptVariables(SAMPLE_TASK, SAMPLE_RUN, issue, FACTS));
      const lost = code.filter((one) => !prompt.includes(one));
      expect({ seed, plain: issue.shown.plain, lost, seen: prompt.includes(CANARY) ? prompt : '' }).toEqual({
        ...{ seed, plain: null, lost: [], seen: '' },
      });
      codes += code.length;
      if (body.includes(CANARY)) hidden++;
    }
    expect(codes).toBeGreaterThan(2500);
    expect(hidden).toBeGreaterThan(500);
  },
);
