import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type TestContext, test } from 'vitest';
import { agentScene, processesOf, type RealAgent, realAgent } from '../../support/agents/real-agents.ts';
import type { Step } from '../../support/model/steps.ts';
import { inTheBox } from '../../support/world/in-the-box.ts';

const PATIENCE = 200_000;
const LIMIT = { timeout: 480_000 };

/** The real Codex, of which the app-server is missing, as in an old one, or refuses to begin, as in a new one that speaks otherwise. */
function codexWhose(context: TestContext, appServer: string): RealAgent {
  const real = realAgent('codex');
  const folder = mkdtempSync(join(tmpdir(), 'tac8-codex-'));
  context.onTestFinished(() => rmSync(folder, { recursive: true }));
  const program = join(folder, 'codex');
  writeFileSync(program, `#!/bin/sh\ncase " $* " in *" app-server "*) ${appServer};; esac\nexec '${real.command[0]}' "$@"\n`, {
    mode: 0o755,
  });
  return { ...real, command: [program] };
}

const MISSING = 'echo "unrecognized subcommand" >&2; exit 2';
const REFUSES = `read -r line; echo '{"id":1,"error":{"code":-32601,"message":"no such method"}}'; exec sleep 600`;

// The program that stands for it lies outside of what a box sees.
const outside = test.skipIf(inTheBox());

outside.for([
  ['is missing', MISSING, 'ended before its first word (exit code 2)'],
  ['refuses', REFUSES, 'does not begin (no such method)'],
] as const)('codex whose app-server %s works by exec: a pull, and its log says so', LIMIT, async ([, appServer, why], context) => {
  const steps: Step[] = [
    { say: 'I write the file.', sh: 'echo hello >hello.txt' },
    { sh: 'git add -A && git commit -qm "Say hello"' },
    { text: 'Done: hello.txt is committed.' },
  ];
  const { place, task } = await agentScene(context, codexWhose(context, appServer), steps);
  await place.until('the pull', () => place.board().includes('- PR: #'), PATIENCE);
  const viewed = (await place.tac8('view', task)).out;
  expect(viewed).toContain(`its app-server ${why}: codex exec --json is used, which hears a message as its next turn`);
  expect(viewed).toMatch(/I write the file\.[\s\S]*Done: hello\.txt is committed\./);
  expect((await place.tac8('view', task, '--tools')).out).toMatch(/2 "Bash"/);
  await place.until('nothing left behind', () => place.strays().length === 0, 20_000);
});

outside('codex by exec: a message is its next turn, a kill leaves nothing, and the same conversation goes on', LIMIT, async (context) => {
  const slow: Step = { sh: 'touch began; until [ -e ../../go ]; do sleep 0.1; done' };
  const { place, task, tree, model, daemon } = await agentScene(context, codexWhose(context, MISSING), [slow, { text: 'One.' }]);
  await place.until('the slow tool', () => existsSync(join(tree, 'began')), PATIENCE);
  const told = place.tac8(
    'tell',
    task,
    'Mind the tabs. <mock>[{"sh":"setsid tail -f /dev/null >/dev/null 2>&1 & touch again; sleep 600"}]</mock>',
  );
  await place.until('the message to be said', () => daemon.happened().some(({ event }) => event === 'saying'), PATIENCE);
  writeFileSync(join(place.root, 'go'), '');
  expect((await told).out).toMatch(new RegExp(`^${task}: taken up after`));
  await place.until('the next turn', () => existsSync(join(tree, 'again')), PATIENCE);
  expect((await place.tac8('kill', task)).out).toMatch(new RegExp(`^${task} killed after `));
  await place.until('nothing left behind', () => place.strays().length === 0, 20_000);
  const finish = '<mock>[{"sh":"echo hi >hello.txt; git add -A; git commit -qm hello"},{"text":"Done."}]</mock>';
  expect((await place.tac8('retry', task, '--continue', '--message', `Go on. ${finish}`)).out).toMatch(/in the same conversation/);
  await place.until('the pull', () => place.board().includes('- PR: #'), PATIENCE);
  expect(model.asked.at(-1)?.turns).toBeGreaterThan(3);
});

outside('codex by exec that hangs in a tool is given up after the limit of silence', LIMIT, async (context) => {
  const slow: Step = { sh: 'touch began; while :; do sleep 1; done' };
  const limits = { silence: '40s', attempts: 1 };
  const { place, tree, daemon } = await agentScene(context, codexWhose(context, MISSING), [slow, { text: 'never' }], { limits });
  await place.until('the slow tool', () => existsSync(join(tree, 'began')), PATIENCE);
  const its = processesOf('--dangerously-bypass-approvals-and-sandbox', tree);
  expect(its.length).toBeGreaterThan(0);
  for (const pid of its) process.kill(pid, 'SIGSTOP');
  const says = (): string | undefined => daemon.happened().find(({ event }) => event === 'again' || event === 'failed')?.detail;
  expect(await place.until('its end', says, PATIENCE)).toMatch(/^stalled: limits\.silence/);
  await place.until('nothing left behind', () => place.strays().length === 0, 20_000);
});

outside('codex by exec whose model ends while a command runs: the command went with it, and is not waited for', LIMIT, async (context) => {
  const limits = { background: '10m', attempts: 1 };
  const { place, daemon } = await agentScene(context, codexWhose(context, MISSING), [{ sh: 'sleep 600' }, { text: 'Done.' }], { limits });
  const says = (): string | undefined => daemon.happened().find(({ event }) => event === 'again' || event === 'failed')?.detail;
  expect(await place.until('its end', says, PATIENCE)).toMatch(/^no_pr: /);
  await place.until('nothing left behind', () => place.strays().length === 0, 20_000);
});
