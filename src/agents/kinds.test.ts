import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { run, task } from '../../test/support/agents/agent-run.ts';
import type { Run } from '../core/model/run.ts';
import { DEFAULT_KIND } from './at-first.ts';
import { DRIVERS } from './drivers.ts';
import type { AgentKind, Launching } from './ground/kind.ts';
import type { AgentSettings } from './ground/settings.ts';
import { homesOf, KINDS, kindCalled, LOGIN_FILES } from './kinds.ts';
import type { AgentEvent } from './words/events.ts';
import { parseObject } from './words/fields.ts';

const RECORDED = join(import.meta.dirname, '../../test/fixtures/agents');
const rows: readonly (readonly [string, AgentKind])[] = Object.entries(KINDS);

const settings = (root: string, kind: string): AgentSettings => ({
  ...{
    root,
    kind,
    command: ['some-agent'],
    client: ['node', 'client'],
    patience: 1000,
    model: null,
    env: [],
    repoSettings: false,
    permissionMode: null,
    args: [],
  },
  ...{ limits: { turns: null, usdPerTask: null }, baseBranch: 'main', verify: null, template: join(root, 'worker_template.md') },
  ...{ author: async () => ({ name: 'a', email: 'a@localhost' }), machine: {}, home: root, isRoot: false, caches: [] },
});

/** Launched in a folder of its own. */
async function launching(name: string, kind: AgentKind, over: Partial<Run> = {}): Promise<Launching & { readonly folder: string }> {
  const root = mkdtempSync(join(tmpdir(), 'tac8-kind-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const [folder, worktree] = [join(root, 'run'), join(root, 'tree')];
  for (const one of [folder, worktree]) mkdirSync(one);
  const its = run({ agent: { kind: name, can: kind.can, model: null }, ...over });
  const what = { task: task(), run: its, prompt: 'Do it.', promptFile: join(folder, 'prompt.md'), folder, worktree };
  return { ...(await kind.launch(settings(root, name), { ...what, render: (text) => text })), folder };
}

/** Everything that was recorded of the agent and that it reads. */
function recorded(name: string, kind: AgentKind): readonly AgentEvent[] {
  const files = readdirSync(RECORDED).filter((file) => file.startsWith(`${name}-`) && file.endsWith('.jsonl'));
  const lines = files.flatMap((file) => readFileSync(join(RECORDED, file), 'utf8').split('\n'));
  return lines.flatMap((line) => {
    const fields = parseObject(line);
    return fields === null ? [] : (kind.words?.events(fields, line) ?? []);
  });
}

const resumed = { run: 'w-000001', session: 'the-conversation', message: 'Go on.', because: null } as const;

describe.each(rows)('%s', (name, kind) => {
  const { can } = kind;

  test('has a folder with its abilities', () => {
    expect(existsSync(join(import.meta.dirname, name, 'abilities.ts'))).toBe(true);
  });

  test('has the functions that its abilities promise, and no others', () => {
    expect({
      words: kind.words !== undefined,
      steer: kind.message !== undefined,
      interrupt: kind.interrupt !== undefined,
      attach: kind.session !== undefined,
      stopHooks: kind.raiseStop !== undefined,
    }).toEqual({
      words: can.words === 'read',
      steer: can.steer !== 'none',
      interrupt: can.interrupt,
      attach: can.attach,
      stopHooks: can.stopHooks,
    });
  });

  test('its stdin stays open as long as something may be said to it', async () => {
    const { stdin } = await launching(name, kind);
    expect(stdin.kind).toBe(can.steer === 'stdin' || can.interrupt ? 'fifo' : 'file');
    expect(stdin.prompt).toContain('Do it.');
    for (const line of [kind.message?.('two\nlines', 'a-name'), kind.interrupt?.()]) expect(line ?? 'x\n').toMatch(/^[^\n]+\n$/);
    if (kind.message !== undefined) expect(kind.message('x', 'a-name')).toContain('a-name');
  });

  test('takes a conversation up, or is launched the same as if there were none', async () => {
    const [fresh, again] = [await launching(name, kind), await launching(name, kind, { resumes: resumed, session: resumed.session })];
    expect(again.argv.includes(resumed.session)).toBe(can.resume);
    expect(fresh.argv.includes(resumed.session)).toBe(false);
  });

  test('a person’s session is in the conversation that is named', () => {
    const argv: readonly string[] = kind.session?.(settings('/nowhere', name), run(), resumed.session) ?? [];
    expect(argv.includes(resumed.session)).toBe(can.attach);
  });

  test('its hooks are written before it begins, and raising the stop is seen in the run’s folder', async () => {
    const { folder } = await launching(name, kind);
    const before = readdirSync(folder);
    expect(before.length > 0).toBe(can.stopHooks);
    await kind.raiseStop?.(folder);
    expect(readdirSync(folder).length > before.length).toBe(can.stopHooks);
  });

  test('what was recorded of it has results and costs as it promises', () => {
    const said = recorded(name, kind);
    const ends = said.filter((event) => event.kind === 'turn_end');
    const replies = said.filter((event) => event.kind === 'usage');
    expect(ends.length > 0).toBe(can.end === 'result');
    const dollars = [...ends.map(({ spent, total }) => spent ?? total), ...replies.map(({ usage }) => usage)].map(
      (spend) => spend?.usd ?? 0,
    );
    expect(dollars.some((usd) => usd > 0)).toBe(can.cost === 'stated');
    expect(new Set(ends.map(({ end }) => end)).size > 1).toBe(can.end === 'result');
  });

  test('no variable of its own is one that every worker gets', () => {
    const own = Object.keys(kind.variables({}, { repoSettings: false }));
    expect(own.filter((variable) => /^(HOME|PATH|LANG|TERM|TMPDIR|USER|TAC8_.*|GIT_.*|GH_.*)$/.test(variable))).toEqual([]);
  });

  test('its logins lie below the home', () => {
    const { programs, otherwise, files } = kind.logins;
    for (const path of [...Object.values(programs).flat(), ...otherwise, ...files]) expect(path).toMatch(/^\.\w[\w./-]*$/);
    expect(LOGIN_FILES).toEqual(expect.arrayContaining([...files]));
  });
});

test('every folder with abilities has a row', () => {
  const folders = readdirSync(import.meta.dirname).filter((name) => existsSync(join(import.meta.dirname, name, 'abilities.ts')));
  expect(folders.sort()).toEqual(rows.map(([name]) => name).sort());
});

test('a name of the table’s own prototype is no agent', () => {
  expect(['toString', '__proto__', 'constructor', ''].map(kindCalled)).toEqual([null, null, null, null]);
  expect(kindCalled(DEFAULT_KIND)).toBe(KINDS[DEFAULT_KIND]);
});

test('a program that is known by name brings its own login, whatever kind runs it', () => {
  expect(homesOf('codex', KINDS.claude)).toEqual(['.codex']);
  expect(homesOf('claude', KINDS.command)).toEqual(['.claude', '.claude.json']);
  expect(homesOf('wrapper', KINDS.claude)).toEqual(['.claude', '.claude.json']);
  expect(homesOf('wrapper', KINDS.command)).toEqual([]);
  expect(homesOf('toString', KINDS.command)).toEqual([]);
});

test('an agent that is launched by the client has a driver by its name, and no driver is left over', async () => {
  const launched = await Promise.all(rows.map(async ([name, kind]) => ({ name, argv: (await launching(name, kind)).argv })));
  const clients = launched.filter(({ argv }) => argv[1] === 'client');
  expect(clients.map(({ name, argv }) => [name, argv[2]])).toEqual(Object.keys(DRIVERS).map((name) => [name, name]));
});
