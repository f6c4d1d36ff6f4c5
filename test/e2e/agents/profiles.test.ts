import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workplace } from '../../support/world/daemon.ts';

const PATIENCE = 100_000;

test(
  'a label chooses one of several agents, a person another one; both are named wherever the task is told of',
  {
    timeout: 240_000,
  },
  async (context) => {
    const place = await workplace(context);
    const speaks = { kind: 'acp', command: [process.execPath, join(import.meta.dirname, 'programs/acp-agent.ts')] };
    place.configure({
      agent: { kind: 'command', command: ['/bin/sh', '-c', 'exit 3', '{{ task }}'] },
      agents: { deep: speaks, spare: speaks },
      routes: [{ when: { labels: ['hard'] }, agent: 'deep' }],
      limits: { attempts: 1, min_free_memory: '16MiB', min_free_disk: '16MiB' },
    });
    const labels = ['rpi-auto'];
    const hard = place.fake.createIssue('wil', { title: 'A hard one', body: 'Say hello.', labels: [...labels, 'hard'] });
    const easy = place.fake.createIssue('wil', { title: 'An easy one', body: 'Say hello.', labels });
    place.start();
    await place.until('the hard one’s comment', () => place.fake.state.comments.some(({ issue }) => issue === hard), PATIENCE);
    await place.until('the easy one’s failure', () => place.fake.state.comments.some(({ issue }) => issue === easy), PATIENCE);
    const said = (issue: number): string => place.fake.state.comments.findLast((one) => one.issue === issue)?.body ?? '';
    expect(said(hard)).toMatch(/Done: pull request .* · attempt 1 · deep \(acp\)<\/sub>/s);
    expect(said(easy)).toMatch(/Not done: .* · attempt 1 · command<\/sub>/s);
    const pulls = () => place.fake.state.issues.filter(({ pull }) => pull !== null);
    expect(pulls()[0]?.body).toContain('attempt 1 · deep (acp) · cost unknown');

    const unknown = await place.tac8('retry', `gh-${easy}`, '--agent', 'nobody');
    expect(`${unknown.out}${unknown.err}`).toContain('tac8.yaml has no agent called nobody: it has default, deep, spare');
    const again = await place.tac8('retry', `gh-${easy}`, '--agent', 'spare');
    expect(again.out).toContain(`gh-${easy} is in the queue again for spare (acp)`);
    await place.until('the second pull', () => pulls().length === 2, PATIENCE);
    await place.until('its end', async () => (await place.status()).tasks.every(({ state }) => state === 'completed'), PATIENCE);
    const { tasks } = await place.status();
    expect(tasks.map(({ id, run }) => [id, run?.agent]).sort()).toEqual([
      [`gh-${hard}`, 'deep (acp)'],
      [`gh-${easy}`, 'spare (acp)'],
    ]);
    expect(place.strays()).toEqual([]);
  },
);
