import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Workplace, workplace } from '../../support/world/daemon.ts';

/** The setup of a worktree and the checks of its work run like the agent: with the task's home, held together, ended with a stop. */

const LIMIT = { timeout: 90_000 };
const DONE = 'cat >/dev/null; echo done >done.txt; git add -A && git commit -qm done';
/** Leaves a process behind that has shed its environment, its session and its parent, and holds the output. */
const HIDING = 1_000_000_000 + process.pid;
const HIDES = `env -i PATH="$PATH" setsid sh -c 'echo $$ >"'"$1"'/hidden"; exec sleep ${HIDING}' &
while ! [ -s "$1/hidden" ]; do sleep 0.02; done
`;

const script = (place: Workplace, name: string, text: string): string => {
  const path = join(place.home, name);
  writeFileSync(path, `#!/bin/sh\nset -- '${place.notes}'\n${text}`, { mode: 0o755 });
  return path;
};
const note = (place: Workplace, name: string): string | null =>
  existsSync(join(place.notes, name)) ? readFileSync(join(place.notes, name), 'utf8') : null;
/** Told by what it is, since in a box it knows its number there alone. */
const hides = (sleep: number): boolean =>
  readdirSync('/proc').some((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') === `sleep\0${sleep}\0`;
    } catch {
      return false; // it ended meanwhile
    }
  });

test(
  'both have the task’s home, the variables that are named, and nothing outlives them; who holds their output is not waited for',
  LIMIT,
  async (context) => {
    const place = await workplace(context);
    place.env.SETUP_KEY = 'one';
    place.env.CHECK_KEY = 'two';
    const setup = script(place, 'setup.sh', `env >"$1/setup.env"; ${HIDES}`);
    const verify = script(place, 'verify.sh', `env >"$1/verify.env"`);
    place.configure({
      agent: place.agent(`env >"$1/agent.env"; ${DONE}`),
      worktrees: { setup, env: ['SETUP_KEY'], cache: ['npm'] },
      pulls: { verify, env: ['CHECK_KEY'] },
    });
    const number = place.issue('One');
    const daemon = place.start();
    await place.until('the pull', () => place.board().includes('[✅'));
    const [seen, checked, agent] = ['setup.env', 'verify.env', 'agent.env'].map((name) => note(place, name) ?? '');
    const home = `HOME=${join(place.root, '.tac8/homes', `gh-${number}`)}`;
    for (const env of [seen, checked, agent]) expect(env?.split('\n')).toContain(home);
    for (const env of [seen, checked, agent]) expect(env?.split('\n')).toContain(`npm_config_cache=${place.root}/.tac8/cache/npm`);
    expect([seen?.includes('SETUP_KEY=one'), seen?.includes('CHECK_KEY')]).toEqual([true, false]);
    expect([checked?.includes('CHECK_KEY=two'), checked?.includes('SETUP_KEY')]).toEqual([true, false]);
    for (const env of [seen, checked]) expect(env).not.toContain(place.env.GITHUB_TOKEN);
    expect(hides(HIDING)).toBe(false);
    expect((await daemon.end('SIGTERM')).code).toBe(0);
  },
);

test.for(['setup', 'verify'] as const)('while %s runs, status names it, its age and its last line', LIMIT, async (which, context) => {
  const place = await workplace(context);
  const waits = script(place, 'waits.sh', 'echo one; printf "\\033[31mtwo of nine\\n"; until [ -e "$1/go" ]; do sleep 0.05; done');
  place.configure({ agent: place.agent(DONE), ...(which === 'setup' ? { worktrees: { setup: waits } } : { pulls: { verify: waits } }) });
  place.issue('Waits');
  const daemon = place.start();
  const name = which === 'setup' ? 'worktrees\\.setup' : 'pulls\\.verify';
  // What it says is a stranger's: nothing of it reaches the terminal as an order.
  const words = new RegExp(`${name} runs for \\d+ (?:s|m), it said \\d+ (?:s|m) ago: (?!\\u001b)[^\\u001b]*two of nine`);
  await place.until('the words', async () => words.test((await place.tac8('status')).out));
  writeFileSync(join(place.notes, 'go'), '');
  await place.until('the pull', () => place.board().includes('[✅'));
  expect((await place.tac8('status')).out).not.toContain('runs for');
  expect((await daemon.end('SIGTERM')).code).toBe(0);
});

test.for(['setup', 'verify'] as const)('a stop reaches %s within seconds, and what hides from it', LIMIT, async (which, context) => {
  const place = await workplace(context);
  const hangs = script(place, 'hangs.sh', `${HIDES}exec sleep 1000482`);
  place.configure({ agent: place.agent(DONE), ...(which === 'setup' ? { worktrees: { setup: hangs } } : { pulls: { verify: hangs } }) });
  const number = place.issue('Hangs');
  const daemon = place.start();
  await place.until('the script', () => note(place, 'hidden') !== null);
  const began = performance.now();
  expect((await place.tac8('stop', String(number))).code).toBe(0);
  await place.until('the stop', () => place.board().includes('stop by command'));
  expect(performance.now() - began).toBeLessThan(30_000);
  await place.until('the end of it', () => !hides(HIDING), 5_000);
  expect((await daemon.end('SIGTERM')).code).toBe(0);
});

test('what a killed daemon left running is ended by the next one, and the setup runs again', LIMIT, async (context) => {
  const place = await workplace(context);
  const setup = script(place, 'setup.sh', `[ -e "$1/again" ] && exit 0\n${HIDES}exec sleep 1000483`);
  place.configure({ agent: place.agent(DONE), worktrees: { setup } });
  place.issue('Survives');
  const first = place.start();
  await place.until('the script', () => note(place, 'hidden') !== null);
  await first.end('SIGKILL');
  writeFileSync(join(place.notes, 'again'), '');
  expect(hides(HIDING)).toBe(true);
  const second = place.start();
  await place.until('the pull', () => place.board().includes('[✅'));
  expect(hides(HIDING)).toBe(false);
  expect((await second.end('SIGTERM')).code).toBe(0);
});
