import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type AgentBench, agentBench, issue, run } from '../../../test/support/agents/agent-run.ts';
import { COMMAND } from '../../agents/command/abilities.ts';
import type { AgentSettings } from '../../agents/ground/settings.ts';

let bench: AgentBench;
const begin = (over: Partial<AgentSettings> = {}): AgentBench => {
  bench = agentBench({ isRoot: false, ...over });
  return bench;
};
afterEach(() => bench.close());
const commandRun = () => run({ agent: { kind: 'command', can: COMMAND, model: null } });

describe('the repository’s guidance', () => {
  const inTree = (files: Readonly<Record<string, string>>): void => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(bench.worktree, name, '..'), { recursive: true });
      writeFileSync(join(bench.worktree, name), text);
    }
  };
  const asked = async (files: Readonly<Record<string, string>>, over: Partial<AgentSettings> = {}, template?: string): Promise<string> => {
    const { root } = begin(over);
    inTree(files);
    if (template !== undefined) writeFileSync(join(root, 'worker_template.md'), template);
    await bench.prepare(run(), issue('body'));
    return readFileSync(join(root, '.tac8/runs/w-1d3d59/prompt.md'), 'utf8');
  };

  test.each<[string, Record<string, string>, RegExp]>([
    ['CLAUDE.md', { 'CLAUDE.md': 'Use tabs.' }, /--- CLAUDE\.md ---\nUse tabs\./],
    ['AGENTS.md', { 'AGENTS.md': 'Use tabs.' }, /--- AGENTS\.md ---\nUse tabs\./],
    [
      'both, the same: once',
      { 'CLAUDE.md': 'Use tabs.', 'AGENTS.md': 'Use tabs.\n' },
      /--- CLAUDE\.md ---\nUse tabs\.\n\n\(End of the guidance/,
    ],
    [
      'rules and skills',
      { '.claude/rules/a.md': 'x', '.claude/skills/deploy/SKILL.md': 'y' },
      /\.claude\/rules\/a\.md, \.claude\/skills\/deploy\/SKILL\.md/,
    ],
    [
      'one that is longer than a prompt takes',
      { 'CLAUDE.md': 'é'.repeat(60_000) },
      /é\n\(The rest stands in CLAUDE\.md: read it there\.\)/,
    ],
  ])('%s', async (_, files, words) => expect(await asked(files)).toMatch(words));

  test('none: nothing is said of it', async () => expect(await asked({})).not.toContain('--- '));

  test('a link out of the worktree is not followed, a pipe is not waited for', async () => {
    begin();
    writeFileSync(join(bench.root, 'secret'), 'hunter2');
    symlinkSync(join(bench.root, 'secret'), join(bench.worktree, 'CLAUDE.md'));
    execFileSync('mkfifo', [join(bench.worktree, 'AGENTS.md')]);
    await bench.prepare(run(), issue('body'));
    expect(readFileSync(join(bench.root, '.tac8/runs/w-1d3d59/prompt.md'), 'utf8')).not.toMatch(/hunter2|--- /);
  });

  test.each([
    ['at its end', 'Do {{ task.id }}.', /^Do gh-450\.\n\n.*:\n\n--- CLAUDE\.md ---\nUse tabs\.\n$/],
    ['where it names it', '[{{ guidance }}] Do it.', /^\[--- CLAUDE\.md ---\nUse tabs\.\] Do it\.$/],
  ])('a template of one’s own gets it %s', async (_, template, words) =>
    expect(await asked({ 'CLAUDE.md': 'Use tabs.' }, {}, template)).toMatch(words));

  test('a link to the file beside it is followed', async () => {
    begin();
    inTree({ 'AGENTS.md': 'Use tabs.' });
    symlinkSync('AGENTS.md', join(bench.worktree, 'CLAUDE.md'));
    await bench.prepare(run(), issue('body'));
    expect(readFileSync(join(bench.root, '.tac8/runs/w-1d3d59/prompt.md'), 'utf8').split('Use tabs.')).toHaveLength(2);
  });

  test('what the agent reads by itself is not brought twice', async () => {
    expect(await asked({ 'CLAUDE.md': 'Use tabs.' }, { repoSettings: true })).not.toContain('Use tabs.');
  });

  test('what tac8 runs afterwards is named', async () => {
    expect(await asked({}, { verify: './scripts/check.sh' })).toContain('delivers nothing while it fails: ./scripts/check.sh\n');
  });
});

test('an argument longer than the system takes is named with its bytes, and what to do', async () => {
  // Letters of two bytes: fewer than 131,072 letters, and more bytes.
  const { prepare } = begin({ kind: 'command', command: ['agent', '{{ prompt }}'] });
  writeFileSync(join(bench.root, 'worker_template.md'), 'é'.repeat(70_000));
  const error = await prepare(commandRun()).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ sort: 'terminal', message: expect.stringMatching(/command\[1\] has 140000 bytes .* may have 131071/) });
  expect(error).toMatchObject({ hint: expect.stringContaining('{{ prompt_file }}') });
});

test('one that is just as long as the system takes is started', async () => {
  const started = await begin({ kind: 'command', command: ['/bin/echo', 'x'.repeat(131_071)] }).start(commandRun());
  expect(await started.exited).toBe(0);
});
