import { expect, test } from 'vitest';
import { workplace } from '../../support/world/daemon.ts';

/*
 * A merge that GitHub was asked for waits there, whatever becomes of tac8: who wants it no more must have it taken back, by whatever word.
 */

test(
  'the label, the issue, a stop, a daemon that was gone meanwhile: what GitHub was to merge it merges no more',
  { timeout: 240_000 },
  async (context) => {
    const place = await workplace(context);
    const { fake } = place;
    fake.setRules({ autoMerge: true, approvals: 1, checks: ['unit'] });
    const agent = place.agent(`echo '{"type":"text"}'; date +%N >work; git add -A; git commit -qm work`);
    place.configure({ agent, pulls: { draft: false, follow: true, when_green: 'merge' }, github: { api_url: fake.url, orders: true } });
    const issue = place.issue('One');
    const daemon = place.start();
    const taskOf = async () => (await place.status()).tasks.find(({ id }) => id === 'gh-1');
    const { pull: ref } = await place.until('a task in review', async () => {
      const task = await taskOf();
      return task?.state === 'review' && task;
    });
    const number = ref?.number ?? 0;
    const pull = () => fake.state.issues.find((one) => one.number === number)?.pull;
    const armed = () => place.until('the wish to merge', () => pull()?.autoMerge?.by === 'tac8-bot');
    const unarmed = (what: string) => place.until(`that it is taken back: ${what}`, () => pull()?.autoMerge === null);
    const why = async (): Promise<string> => (await place.tac8('why', '1')).out;

    fake.setCheck(number, { name: 'unit', conclusion: 'success' });
    await armed();

    const stopped = await place.tac8('stop', '1');
    expect(stopped).toMatchObject({ code: 0, out: expect.stringContaining('gh-1 is in review, where no worker runs: it is paused') });
    await unarmed('stopped by command');
    await place.until('that why says so', async () => /not merged: gh-1 is paused/.test(await why()));
    expect((await place.tac8('resume', '1')).code).toBe(0);
    await armed();

    fake.comment('wil', issue, '/tac8 cancel Not this one.');
    await unarmed('cancelled by a comment');
    expect((await place.tac8('resume', '1')).code).toBe(0);
    await armed();

    fake.unlabel('wil', issue, 'rpi-auto');
    await unarmed('without the label');
    await place.until('that why says so', async () =>
      /not merged: its issue is closed, or is not asked for by the label/.test(await why()),
    );
    fake.label('wil', issue, 'rpi-auto');
    await armed();

    // What was asked for before the daemon died is taken back by the next one.
    await daemon.end('SIGKILL');
    fake.closeIssue('wil', issue);
    expect(pull()?.autoMerge).not.toBeNull();
    place.start();
    await unarmed('closed while nobody looked');

    // Nothing holds it back any more but that nobody wants it.
    fake.review('wil', number, { state: 'APPROVED' });
    const polls = (): number => fake.journal.entries().filter(({ path }) => path === '/graphql').length;
    const before = polls();
    await place.until('two more looks', () => polls() > before + 1);
    expect(pull()).toMatchObject({ mergedAt: null, autoMerge: null });
    expect(await taskOf()).toMatchObject({ state: 'review' });
  },
);
