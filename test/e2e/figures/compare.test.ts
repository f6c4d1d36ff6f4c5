import { expect, test } from 'vitest';
import { workplace } from '../../support/world/daemon.ts';

const PATIENCE = 100_000;
const call = (id: string, name: string, input: object): string =>
  `echo '${JSON.stringify({ type: 'assistant', message: { id: `m${id}`, model: 'm', content: [{ type: 'tool_use', id, name, input }] } })}'`;
const answer = (id: string, isError: boolean): string =>
  `echo '${JSON.stringify({ type: 'user', message: { content: [{ type: 'tool_result', tool_use_id: id, is_error: isError, content: 'said' }] } })}'`;

/** Fails at first, with a red test run and a file; then does it in another file. */
const AGENT = `cat >/dev/null
echo '{"type":"system","subtype":"init","session_id":"11111111-1111-4111-8111-111111111111","model":"m"}'
if [ ! -e "$1/once" ]; then
  touch "$1/once"
  ${call('a', 'Write', { file_path: 'one.txt', content: 'x' })}
  ${answer('a', false)}
  ${call('b', 'Bash', { command: 'npm test' })}
  ${answer('b', true)}
  exit 3
fi
${call('c', 'Bash', { command: 'npm test' })}
${answer('c', false)}
echo two >two.txt; git add two.txt; git commit -qm two
exit 0
`;

test('two attempts stand beside each other, and what cannot be compared is said in a sentence', { timeout: 240_000 }, async (context) => {
  const place = await workplace(context);
  place.configure({
    agent: place.agent(AGENT),
    limits: { attempts: 2, retry_delay: '1s', min_free_memory: '16MiB', min_free_disk: '16MiB' },
  });
  const number = place.issue('Say hello');
  place.start();
  await place.until('the pull', () => place.board().includes('- PR: #'), PATIENCE);
  await place.until('its end', async () => (await place.status()).counts.completed === 1, PATIENCE);
  const { attempts } = JSON.parse((await place.tac8('compare', String(number), '--json')).out) as { attempts: Record<string, unknown>[] };
  expect(attempts).toMatchObject([
    {
      attempt: 1,
      outcome: 'failed',
      steps: { Write: 1, Bash: 1 },
      files: ['one.txt'],
      tests: { run: 1, green: 0, last: false },
      commits: 0,
      pull: null,
    },
    {
      attempt: 2,
      outcome: 'done',
      failure: null,
      steps: { Bash: 1 },
      files: ['two.txt'],
      tests: { run: 1, green: 1, last: true },
      commits: 1,
    },
  ]);
  const { out } = await place.tac8('compare', String(number));
  expect(out).toMatch(/^attempt +1 +2$/m);
  expect(out).toMatch(/^ended +agent_error: .* +done$/m);
  expect(out).toMatch(/^only here +one\.txt +two\.txt$/m);
  expect(out).toMatch(/^tests +0 of 1 green, the last red +1 of 1 green, the last green$/m);
  expect(await place.tac8('compare', '4711')).toMatchObject({ code: 5, err: expect.stringContaining('there is no run of gh-4711') });
  expect(await place.tac8('compare', String(number), 'w-000000', 'w-000001')).toMatchObject({ code: 5 });
  expect(await place.tac8('compare', String(number), 'w-000000')).toMatchObject({ code: 2 });
});
