import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workplace } from '../../support/world/daemon.ts';

/* One issue that shows the whole fleet: who may write steers it by its boxes, from wherever it is read. */

test(
  'boxes are acted on once and unticked; a stranger’s tick, and a stranger’s dashboard, do nothing',
  { timeout: 240_000 },
  async (context) => {
    const place = await workplace(context);
    const { fake } = place;
    place.configure({
      agent: place.agent(`echo '{"type":"text"}'; echo x >>"$1/runs"; exit 3`),
      limits: { attempts: 1 },
      github: { api_url: fake.url, dashboard: true, comments: false },
    });
    const theirs = fake.createIssue('rea', { title: 'Look here', body: '- [x] Pause <!-- tac8:do pause -->\n<!-- tac8:dashboard -->' });
    const issue = place.issue('One');
    const daemon = place.start();
    const dashboard = () =>
      fake.state.issues.find(({ author, body }) => author === 'tac8-bot' && body?.includes('tac8:dashboard') === true);
    const body = (): string => dashboard()?.body ?? '';
    const tells = (words: string) => place.until(`a dashboard that tells: ${words}`, () => body().includes(words));
    const runs = (): number => place.read('../notes/runs').split('\n').length - 1;
    /** The person’s browser sends the whole text, as it was shown. */
    const tick = (as: string, words: string): void => {
      const line =
        body()
          .split('\n')
          .find((one) => one.includes(words)) ?? '';
      expect(line).toContain('[ ]');
      fake.changeIssue(as, dashboard()?.number ?? 0, { body: body().replace(line, line.replace('[ ]', '[x]')) });
    };

    await tells(`tac8:do retry gh-${issue}`);
    expect(body()).toMatch(/### Needs you \(1\)\n- #\d+ One: /);
    tick('tri', 'tac8:do retry');
    // The forge tells whole seconds: what is done in the second of a stranger's edit may be the stranger's.
    place.forgeClockAhead(5_000);
    await tells('Somebody without write access');
    expect(body()).not.toContain('[x]');
    expect(place.read('../notes/runs')).toBe('x\n');

    place.forgeClockAhead(5_000);
    tick('wil', 'tac8:do retry');
    await place.until('another run', async () => place.read('../notes/runs') === 'x\nx\n' && (await place.status()).counts.failed === 1);
    // A tick in the very moment in which the text is written anew is lost: whoever sees the box empty ticks again.
    const again = (words: string, becomes: string) =>
      place.until(
        `a dashboard that tells: ${becomes}`,
        () => {
          if (body().includes(`[ ] ${words}`)) tick('wil', words);
          return body().includes(becomes);
        },
        60_000,
        1_000,
      );
    await again('Pause the fleet', 'tac8:do resume');
    expect(body()).not.toContain('[x]');
    expect(runs()).toBe(2);
    expect((await place.tac8('history', String(issue), '--said')).out).toContain('wil on GitHub');
    expect(fake.state.issues.find(({ number }) => number === theirs)?.body).toContain('[x] Pause');

    // A daemon that is killed and begins anew goes on with the same issue.
    await daemon.end('SIGKILL');
    place.start();
    const { number } = dashboard() ?? {};
    await again('Resume the fleet', 'tac8:do pause');
    expect(fake.state.issues.filter(({ author }) => author === 'tac8-bot')).toHaveLength(1);
    expect(dashboard()?.number).toBe(number);
    expect(fake.state.comments.filter(({ author }) => author === 'tac8-bot')).toEqual([]);
  },
);

/** The first asks, the second changes what a person has to see, the third is done. */
const AGENT = `echo '{"type":"text"}'; echo x >>"$1/$TAC8_TASK"
case "$TAC8_TASK" in
  gh-1) echo 'CSV or Parquet?' >BLOCKED.md; exit 0 ;;
  gh-2) mkdir -p .github/workflows; echo 'on: push' >.github/workflows/ci.yml ;;
esac
echo "$TAC8_TASK" >work; git add -A; git commit -qm work`;

test(
  'a question is cancelled, a held push approved and a held edit accepted by a box, at the word of who may write alone',
  { timeout: 240_000 },
  async (context) => {
    const place = await workplace(context);
    const { fake } = place;
    place.configure({
      agent: place.agent(AGENT),
      pulls: { draft: false },
      github: { api_url: fake.url, dashboard: true, comments: false },
    });
    const [asks = 0, holds = 0] = ['Asks', 'Holds', 'Does'].map((title) => place.issue(title));
    place.start();
    const dashboard = () => fake.state.issues.find(({ body }) => body?.includes('tac8:dashboard') === true);
    const body = (): string => dashboard()?.body ?? '';
    const tick = (as: string, ...marks: readonly string[]): void => {
      const lines = body().split('\n');
      const text = lines.map((line) => (marks.some((mark) => line.includes(mark)) ? line.replace('[ ]', '[x]') : line)).join('\n');
      expect(text).not.toBe(body());
      fake.changeIssue(as, dashboard()?.number ?? 0, { body: text });
    };
    const stateOf = async (number: number) => (await place.status()).tasks.find(({ id }) => id === `gh-${number}`)?.state;
    /** A tick in the moment in which the text is written anew is lost: it is done again where its box is empty. */
    const ticked = (what: string, marks: readonly string[], look: () => Promise<unknown>) =>
      place.until(
        what,
        async () => {
          if (await look()) return true;
          if (
            marks.every((mark) =>
              body()
                .split('\n')
                .some((line) => line.includes('[ ]') && line.includes(mark)),
            )
          )
            tick('wil', ...marks);
          return false;
        },
        100_000,
        1_500,
      );
    const [cancel, approve] = [`tac8:do cancel gh-${asks}`, `tac8:do approve gh-${holds}`];
    await place.until('both boxes, and the end of the third', async () => {
      const { counts } = await place.status();
      return counts.completed === 1 && body().includes(cancel) && body().includes(approve);
    });
    expect(body()).toMatch(/### Needs you \(2\)(?:.|\n)*CSV or Parquet\?/);

    // A stranger's tick does nothing; one in the moment in which the text is written anew is lost.
    const isFree = (): boolean =>
      [cancel, approve].every((mark) =>
        body()
          .split('\n')
          .some((line) => line.includes('[ ]') && line.includes(mark)),
      );
    await place.until(
      'what it was worth',
      () => {
        if (body().includes('Somebody without write access')) return true;
        if (isFree()) tick('tri', cancel, approve);
        return false;
      },
      100_000,
      1_500,
    );
    expect([await stateOf(asks), await stateOf(holds)]).toEqual(['blocked', 'blocked']);
    expect(fake.state.issues.filter(({ pull }) => pull !== null)).toHaveLength(1);

    // Two boxes at once, each acted on once.
    place.forgeClockAhead(5_000);
    await ticked('both done', [cancel, approve], async () => (await stateOf(asks)) === 'failed' && (await stateOf(holds)) === 'completed');
    expect(fake.state.issues.filter(({ pull }) => pull !== null)).toHaveLength(2);
    expect([place.read('../notes/gh-1'), place.read('../notes/gh-2')]).toEqual(['x\n', 'x\n']);
    const said = (await place.tac8('history', String(asks), '--said')).out;
    expect(said).toMatch(/cancel .*wil on GitHub/);

    // An edit that looks like an accident is held until a box says that it is none.
    await place.until('all on the board', () => ['gh-1', 'gh-2', 'gh-3'].every((id) => place.board().includes(id)));
    writeFileSync(join(place.root, 'tasks.md'), '');
    const accept = 'tac8:do accept-edit';
    await place.until('its box', () => body().includes(accept));
    expect(body()).toContain('Accept the held edit of tasks.md: tasks.md is empty');
    expect(place.board()).toBe('');
    place.forgeClockAhead(5_000);
    await ticked('the board as it is to be', [accept], async () => place.board() !== '' && !body().includes(accept));
    expect(body()).not.toContain('[x]');
  },
);
