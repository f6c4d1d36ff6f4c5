import { existsSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { claudePath } from '../../../scripts/fetch/fetch-claude.ts';
import { filesHolding } from '../../support/machine/files-holding.ts';
import { processesHolding } from '../../support/machine/processes-holding.ts';
import { startMockModel } from '../../support/model/server.ts';
import { workplace } from '../../support/world/daemon.ts';
import { until } from '../../support/world/program.ts';

/** The real Claude Code in the real sandbox, against a scripted model and a fake GitHub on loopback. */

const claude = claudePath(join(import.meta.dirname, '../../../.cache'));
const KEY = 'sk-ant-fake-key-of-nobody';

test('claude in its box: a commit, a pull, no key inside, a refused host told, an adoption', { timeout: 400_000 }, async (context) => {
  const model = await startMockModel({
    work: [
      { sh: 'env >"$HOME/seen"; ls / /root /home >"$HOME/view" 2>&1; curl -sS -m 5 https://registry.example/ >"$HOME/asked" 2>&1; true' },
      { say: 'I write the file.', write: { path: 'hello.txt', content: 'hello\n' } },
      { sh: 'git add -A && git commit -qm "Say hello"', gate: 'commit' },
      { text: 'Done: hello.txt is committed.' },
    ],
  });
  context.onTestFinished(() => model.close());
  const place = await workplace(context);
  const given = { ANTHROPIC_API_KEY: KEY, CLAUDE_CODE_MAX_RETRIES: '0', ANTHROPIC_BASE_URL: `${model.url}/s/work` };
  Object.assign(place.env, given);
  writeFileSync(join(place.root, 'secret.txt'), 'beside the worktree');
  place.configure({
    agent: { kind: 'claude', command: [claude], env: Object.keys(given) },
    limits: { min_free_memory: '16MiB', min_free_disk: '16MiB' },
    sandbox: { kind: 'auto' },
  });
  const task = `gh-${place.issue('Say hello', 'A file hello.txt that says hello.')}`;
  const first = place.start();
  await place.until('the write', () => existsSync(join(place.root, 'trees', task, 'hello.txt')), 120_000);
  const pid = await place.until('the PID on the board', () => /^- PID: (\d+)$/m.exec(place.board())?.[1], 100_000);
  expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).toMatch(new RegExp(`^${claude}\0.*${task} w-`, 's'));
  expect(readlinkSync(`/proc/${pid}/ns/net`)).not.toBe(readlinkSync('/proc/self/ns/net'));
  expect(processesHolding(Number(pid), KEY)).toEqual([]);
  // The next daemon takes it over as it is.
  await first.end('SIGKILL');
  const daemon = place.start();
  await place.until(
    'the adoption',
    async () => (await place.status()).tasks.find(({ id }) => id === task)?.run?.pid === Number(pid),
    100_000,
  );
  model.open('commit');
  await place.until('the pull', () => place.fake.state.issues.some((one) => one.pull !== null), 100_000);
  const home = join(place.root, '.tac8/homes', task);
  expect(readFileSync(join(home, 'seen'), 'utf8')).toContain(`TAC8_TASK=${task}`);
  expect(readFileSync(join(home, 'view'), 'utf8')).not.toMatch(/secret|\.ssh/);
  expect(filesHolding(place.root, KEY)).toEqual([]);
  // So that its absence means something: the model was asked with it.
  expect(new Set(model.asked.map(({ login }) => login))).toEqual(new Set([KEY]));
  const why = (await place.tac8('why', task)).out;
  expect(why).toContain('registry.example');
  expect((await daemon.end('SIGTERM')).code).toBe(0);
  // The way out outlives a daemon for the workers' sake, and goes with the last of them.
  await until('nothing left behind', () => place.strays().length === 0, { within: 100_000, why: () => place.strays().join('\n') });
});
