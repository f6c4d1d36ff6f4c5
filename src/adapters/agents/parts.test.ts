import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type AgentBench, agentBench, issue, run } from '../../../test/support/agents/agent-run.ts';
import { CLAUDE } from '../../agents/claude/abilities.ts';
import { DEFAULT_TEMPLATE, PART_NAMES } from '../../agents/ground/prompt-parts.ts';

let bench: AgentBench;
afterEach(async () => await bench.close());

async function told(files: Readonly<Record<string, string>>, profile?: string): Promise<string> {
  bench = agentBench({ isRoot: false });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(bench.root, name, '..'), { recursive: true });
    writeFileSync(join(bench.root, name), text);
  }
  const agent = { kind: 'claude', can: CLAUDE, model: null, ...(profile !== undefined && { profile }) } as const;
  await bench.prepare(run({ agent }), issue('the body'));
  return readFileSync(join(bench.root, '.tac8/runs/w-1d3d59/prompt.md'), 'utf8');
}

const HEADS = [/^You work alone/, /\nHow to work:\n- /, /\nWhat not to touch:\n- /, /\nHow to ask:\n- /, /\nHow to finish:\n- /];

test('the built-in prompt has all parts, once each and with an empty line between', async () => {
  const prompt = await told({});
  for (const head of HEADS) expect(prompt.match(new RegExp(head, 'g'))).toHaveLength(1);
  expect(prompt).toMatch(/the body\nISSUE-TEXT-1>>>\n\nHow to work:/);
  expect(prompt).not.toMatch(/\n\n\n|\n\n$/);
  const { root } = bench;
  await bench.close();
  const written = await told({ 'worker_template.md': DEFAULT_TEMPLATE });
  expect(written.replaceAll(bench.root, root)).toBe(prompt);
});

test.each(PART_NAMES.filter((name) => name !== 'habits'))('a file takes the place of `%s` alone', async (name) => {
  const prompt = await told({ [`worker_template/${name}.md`]: '[{{ task.id }}]' });
  expect(prompt).toContain('[gh-450]');
  expect(HEADS.filter((head) => head.test(prompt))).toHaveLength(HEADS.length - 1);
});

test('one agent has another part than the rest', async () => {
  const files = { 'worker_template/rules.md': 'For all.', 'worker_template/deep/rules.md': 'For deep.' };
  expect(await told(files, 'deep')).toContain('For deep.');
  await bench.close();
  const others = await told(files, 'quick');
  expect(others).toContain('For all.');
  expect(others).not.toContain('For deep.');
});

test('a template of one’s own can have further parts, and says none that it does not include', async () => {
  const files = { 'worker_template.md': "{% include 'house' %}!", 'worker_template/house.md': 'Ours, {{ branch }}' };
  expect(await told(files)).toBe('Ours, auto/gh-450!');
});

test('the guidance that a part places is not said twice', async () => {
  bench = agentBench({ isRoot: false });
  writeFileSync(join(bench.worktree, 'AGENTS.md'), 'Use tabs.');
  await bench.prepare(run(), issue('the body'));
  expect(readFileSync(join(bench.root, '.tac8/runs/w-1d3d59/prompt.md'), 'utf8').match(/Use tabs\./g)).toHaveLength(1);
});

test('a mistake in a part is told with its name', async () => {
  await expect(told({ 'worker_template/rules.md': 'a\n{{ isue }}' })).rejects.toThrow(/^worker_template\/rules\.md: .*isue.*line:2/);
});
