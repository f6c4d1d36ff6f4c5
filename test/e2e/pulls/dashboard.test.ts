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
