import { expect, test } from 'vitest';
import { realAgent, settled } from '../../support/agents/real-agents.ts';
import { startMockModel } from '../../support/model/server.ts';
import type { Step } from '../../support/model/steps.ts';
import { workplace } from '../../support/world/daemon.ts';

const PATIENCE = 200_000;

/** Said from the answer on: on a busy machine a start alone may take as long. */
function until(seconds: number): { readonly at: () => number } {
  let at = 0;
  return {
    at: () => {
      at ||= (Math.ceil(Date.now() / 1000) + seconds) * 1000;
      return at;
    },
  };
}

test(
  'of the real claude and codex one is at its limit: the other’s tasks go on, and at its end the same conversation does',
  { timeout: 480_000 },
  async (context) => {
    const end = until(30);
    const part = (name: string): Step => ({ sh: `echo ${name} >${name}.txt; git add -A; git commit -qm ${name}` });
    const cutOff: Step = {
      get headers() {
        return realAgent('claude').limited(end.at()).step.headers ?? {};
      },
      ...{ error: 429, times: 1, ok: part('rest') },
    };
    const model = await startMockModel({ claude: [part('first'), cutOff, { text: 'Done.' }], codex: [part('other'), { text: 'Done.' }] });
    context.onTestFinished(() => model.close());
    const place = await workplace(context);
    const { login } = realAgent('claude').limited(0);
    place.configure({
      agent: settled(place, realAgent('claude'), `${model.url}/s/claude`, login),
      agents: { deep: settled(place, realAgent('codex'), `${model.url}/s/codex`) },
      routes: [{ when: { labels: ['hard'] }, agent: 'deep' }],
      limits: { min_free_memory: '16MiB', min_free_disk: '16MiB' },
      max_concurrent_workers: 1,
    });
    const one = `gh-${place.issue('One', 'Do it.')}`;
    const daemon = place.start();
    const task = async (id: string) => (await place.status()).tasks.find((row) => row.id === id);
    await place.until('the limit', async () => (await place.status()).parked_logins.length > 0, PATIENCE);
    const two = `gh-${place.fake.createIssue('wil', { title: 'Two', body: 'Do it.', labels: ['rpi-auto', 'hard'] })}`;
    await place.until('the other’s end', async () => (await task(two))?.state === 'completed', PATIENCE);
    await place.until('its own end', async () => (await task(one))?.state === 'completed', PATIENCE);
    const starts = daemon.happened().filter(({ event }) => event === 'started');
    expect(starts.filter((event) => event.task === two)).toHaveLength(1);
    expect(starts.filter((event) => event.task === one).map(({ detail }) => detail.split(', ')[1])).toEqual(['attempt 1', 'attempt 1']);
    expect(Date.parse(starts.findLast((event) => event.task === one)?.at ?? '')).toBeGreaterThanOrEqual(end.at());
    const asked = model.asked.filter(({ script, step }) => script === 'claude' && step >= 0);
    expect(new Set(asked.map(({ session }) => session)).size).toBe(1);
    expect((await place.status()).parked_logins).toEqual([]);
  },
);
