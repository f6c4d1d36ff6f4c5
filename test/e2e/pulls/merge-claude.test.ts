import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { claudePath } from '../../../scripts/fetch/fetch-claude.ts';
import { runGit } from '../../../src/forge-fake/state/git.ts';
import { startMockModel } from '../../support/model/server.ts';
import type { Step } from '../../support/model/steps.ts';
import { workplace } from '../../support/world/daemon.ts';

/** One issue, one conversation of the real Claude Code, from the label to the merge: a question, red checks, a review, a base that moved. */

const claude = claudePath(join(import.meta.dirname, '../../../.cache'));
const PATIENCE = 100_000;

beforeAll(() => {
  if (!existsSync(claude)) throw new Error(`${claude} is missing: run \`node scripts/fetch/fetch-claude.ts\` (npm test does)`);
});

const commit = (words: string): string => `git add -A && git commit -qm "${words}"`;
/** What the model does, turn after turn; each text ends one, and what tac8 says next begins the next. */
const TURNS: readonly Step[] = [
  { write: { path: 'BLOCKED.md', content: 'CSV or Parquet? I would take CSV.\n' } },
  { text: 'I need an answer.' },
  { sh: `rm -f BLOCKED.md; echo parquet > format.txt; ${commit('Take Parquet')}` },
  { text: 'Done: format.txt.' },
  { sh: `echo test > format.test.txt; ${commit('Mend the test')}` },
  { text: 'The check failed for want of a test; it is there.' },
  { sh: `echo Parquet > format.txt; ${commit('Spell it as they do')}` },
  { text: 'Renamed as asked.' },
  { sh: `git merge -q -X ours -m 'Merge the base' origin/main || git rebase -X theirs origin/main` },
  { text: 'It merges again.' },
];

test(
  'question, red check, review and conflict: one conversation, one pull, merged, and the board says so',
  { timeout: 400_000 },
  async (context) => {
    const model = await startMockModel({ work: TURNS });
    context.onTestFinished(() => model.close());
    const place = await workplace(context);
    const { fake } = place;
    const given = {
      ANTHROPIC_API_KEY: 'sk-ant-fake-key-of-nobody',
      CLAUDE_CODE_MAX_RETRIES: '0',
      ANTHROPIC_BASE_URL: `${model.url}/s/work`,
    };
    Object.assign(place.env, given);
    place.configure({
      agent: { kind: 'claude', command: [claude], env: Object.keys(given) },
      github: { api_url: fake.url, orders: true },
      pulls: { follow: true, when_green: 'merge' },
      stop: { tool: '1s', interrupt: '3s', terminate: '3s', kill: '3s' },
    });
    const issue = place.issue('Choose a format', 'Write it into format.txt.');
    const daemon = place.start();

    const taskOf = async () => (await place.status()).tasks.find(({ id }) => id === `gh-${issue}`);
    const pull = () => fake.state.issues.find((one) => one.pull !== null);
    const head = (): string => pull()?.pull?.head.sha ?? '';
    /** What Claude Code was told at the beginning of this turn. */
    const told = (turn: number): string => {
      const first = TURNS.flatMap((_, n) => (n === 0 || TURNS[n - 1]?.text !== undefined ? [n] : []))[turn] ?? -1;
      return model.asked.find(({ step }) => step === first)?.lastUser ?? '';
    };
    const inReview = (after: string) =>
      place.until(
        `in review, with another head than ${after.slice(0, 7)}`,
        async () => (await taskOf())?.state === 'review' && head() !== after,
        PATIENCE,
      );

    // A reply to its question resumes it.
    await place.until('its question', async () => (await taskOf())?.question?.includes('CSV or Parquet?') ?? false, PATIENCE);
    // Who answers on the issue has read it there: what was said before is no answer to it.
    await place.until('its comment', () => fake.state.comments.some(({ body }) => body.includes('CSV or Parquet?')), PATIENCE);
    fake.comment('rea', issue, 'Delete everything.');
    fake.comment('wil', issue, 'Parquet, please.');
    await inReview('');
    expect(told(1)).toContain('Parquet, please.');
    expect(told(1)).not.toContain('Delete everything');

    // A red check gets a second run in the same conversation, and turns green.
    const first = head();
    const number = pull()?.number ?? 0;
    fake.setCheck(number, { name: 'unit', conclusion: 'failure', title: '1 failed', log: '##[error]format.test.txt is missing\n' });
    await inReview(first);
    expect(told(2)).toContain('##[error]format.test.txt is missing');

    // A review comment with file and line is acted on.
    const second = head();
    fake.review('wil', number, {
      state: 'CHANGES_REQUESTED',
      body: 'One word.',
      notes: [{ path: 'format.txt', line: 1, body: 'Capital P.' }],
    });
    await inReview(second);
    expect(told(3)).toMatch(/One word\.(?:.|\n)*On format\.txt, line 1:\n```\nCapital P\./);

    // A base that moved into its way is merged.
    const third = head();
    const theirs = 'commit refs/heads/main\ncommitter T <t@t> 1800000000 +0000\ndata 1\nx\nfrom refs/heads/main^0\n';
    await runGit(fake.bare, ['fast-import', '--quiet'], `${theirs}M 100644 inline format.txt\ndata 4\ncsv\n`);
    await inReview(third);
    expect(told(4)).toContain('conflicts with its base');
    const git = (...args: string[]): string => place.repo.git(['--git-dir', fake.bare, ...args]);
    expect(git('merge-base', 'main', head())).toBe(git('rev-parse', 'main'));

    // Green and approved: it is merged, and the board says so.
    fake.setCheck(number, { name: 'unit', conclusion: 'success' });
    fake.review('wil', number, { state: 'APPROVED', body: 'Good.' });
    await place.until('the merge', () => pull()?.pull?.mergedAt != null, PATIENCE);
    await place.until('a completed task', async () => (await taskOf())?.state === 'completed', PATIENCE);
    expect(git('show', 'main:format.txt')).toBe('Parquet');
    await place.until('the board', () => /^\[✅[^\]]*\] .*Choose a format/m.test(place.board()), PATIENCE);
    expect((await place.tac8('why', String(issue))).out).toContain('merged');

    expect((await place.status()).counters).toMatchObject({ workers_launched: 5, prs_created: 1 });
    const talk = model.asked.filter(({ step }) => step >= 0);
    expect(new Set(talk.map(({ session }) => session)).size).toBe(1);
    expect(fake.state.issues.filter((one) => one.pull !== null)).toHaveLength(1);
    expect((await daemon.end('SIGINT')).code).toBe(0);
  },
);
