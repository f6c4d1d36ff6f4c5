import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { raiseStopFlag, writeStopHooks } from './hooks.ts';

interface Settings {
  readonly hooks: Readonly<
    Record<string, readonly { readonly matcher?: string; readonly hooks: readonly { readonly command: string }[] }[]>
  >;
}

let root = '';
// Whatever a checkout may be called.
const folder = () => join(root, 'it\'s a "run" $(touch pwned)');
const worktree = () => join(root, 'trees', 'gh-1 of `us`');
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tac8-hooks-'));
  mkdirSync(folder());
  mkdirSync(worktree(), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

const run = (command: string): string =>
  execFileSync('/bin/sh', ['-c', command], { cwd: root, env: { PATH: '/nonexistent' }, encoding: 'utf8', timeout: 10_000 });

/** What the hook answers, run as claude runs it: by a shell, with nothing on PATH. */
async function ask(event: string): Promise<unknown> {
  const settings = JSON.parse(readFileSync(await writeStopHooks(folder(), worktree()), 'utf8')) as Settings;
  const command = settings.hooks[event]?.[0]?.hooks[0]?.command ?? '';
  const out = run(command);
  return out === '' ? null : JSON.parse(out);
}

const EVENTS = ['PreToolUse', 'PostToolUse', 'PostToolUseFailure', 'Stop'];

describe('the hooks of a run', () => {
  test.each(EVENTS)('%s: nothing to say while nobody wants it to stop', async (event) => {
    expect(await ask(event)).toBeNull();
  });

  test.each(EVENTS)('%s: ends the turn for a STOP file', async (event) => {
    writeFileSync(join(worktree(), 'STOP'), '"; rm -rf ~ #');
    expect(await ask(event)).toMatchObject({ continue: false, stopReason: 'stopped by tac8' });
  });

  test('a tool that is about to run is denied: without that it would run first', async () => {
    await raiseStopFlag(folder());
    expect(await ask('PreToolUse')).toMatchObject({ hookSpecificOutput: { hookEventName: 'PreToolUse', permissionDecision: 'deny' } });
    expect(await ask('PostToolUse')).not.toHaveProperty('hookSpecificOutput');
  });

  test.each([
    ['EnterWorktree', /Stay in it/],
    ['CronCreate', /Nothing wakes you/],
    ['ScheduleWakeup', /Nothing wakes you/],
    ['Bash', null],
  ])('%s is refused with its reason: %s', async (tool, reason) => {
    const { hooks } = JSON.parse(readFileSync(await writeStopHooks(folder(), worktree()), 'utf8')) as Settings;
    const asked = (hooks.PreToolUse ?? []).filter(({ matcher = '' }) => matcher !== '*' && new RegExp(`^(?:${matcher})$`).test(tool));
    const answers = asked.map(
      ({ hooks: [hook] }) => JSON.parse(run(hook?.command ?? '')) as { hookSpecificOutput: Record<string, string> },
    );
    expect(answers.map(({ hookSpecificOutput: { permissionDecision } }) => permissionDecision)).toEqual(reason === null ? [] : ['deny']);
    if (reason !== null) expect(answers[0]?.hookSpecificOutput.permissionDecisionReason).toMatch(reason);
  });

  test('a STOP that is a link to nothing counts', async () => {
    symlinkSync('/nonexistent', join(worktree(), 'STOP'));
    expect(await ask('PostToolUse')).not.toBeNull();
  });

  test('the daemon’s own flag counts when the agent has removed the file, and until the run is over', async () => {
    await raiseStopFlag(folder());
    await raiseStopFlag(folder());
    // The launch is prepared again after a crash of the daemon.
    expect(await ask('PostToolUse')).not.toBeNull();
    expect(readdirSync(root)).not.toContain('pwned');
  });
});
