import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { claudePath } from '../../../scripts/fetch/fetch-claude.ts';
import { startMockModel } from '../../support/model/server.ts';
import { type Workplace, workplace } from '../../support/world/daemon.ts';

/** Ten reports of the public about tools of this kind, each of which told people something false; the right words are looked for in each. */

const CASES = ['limit words', 'empty work', 'half work', 'own branch', 'late STOP'] as const;
type Case = (typeof CASES)[number];

/** What each agent does, by the title of its issue; `$1`: the folder for notes. */
const AGENT = `cat >prompt.txt; title=$(sed -n 's/^case: //p' prompt.txt | head -1); rm prompt.txt
case $title in
'limit words') echo "You've hit your usage limit. Try again in 3 hours."; echo "Claude AI usage limit reached|$(($(date +%s) + 10800))"; exit 1;;
'empty work') git commit -q --allow-empty -m nothing; echo x >x; git add x; git commit -qm x; git revert --no-edit HEAD >/dev/null;;
'half work') echo a >a.txt; git add a.txt; git commit -qm half; echo b >forgotten.txt;;
'own branch') git checkout -q -b mine; echo o >o.txt; git add o.txt; git commit -qm own;;
'late STOP') [ -e "$1/again" ] && { sleep 4; echo s >s.txt; git add s.txt; git commit -qm after; exit 0; }; touch "$1/began"; while :; do sleep 0.1; done;;
*) echo p >p.txt; git add p.txt; git commit -qm work;;
esac
`;

const closing: (() => unknown)[] = [];
let place: Workplace;
const tasks = new Map<Case, string>();
const idOf = (name: Case): string => tasks.get(name) ?? '';
const why = async (name: Case): Promise<string> => (await place.tac8('why', idOf(name))).out;
const bodyOf = (name: Case): string =>
  place.fake.state.issues.find(({ pull, body }) => pull !== null && body?.startsWith(`Closes #${idOf(name).slice(3)}\n`))?.body ?? '';
const stateOf = async (name: Case): Promise<string | undefined> => (await place.status()).tasks.find(({ id }) => id === idOf(name))?.state;
let firstLook = '';
let made: readonly string[] = [];

beforeAll(async () => {
  place = await workplace({ onTestFinished: (done) => void closing.push(() => done({} as never)) });
  writeFileSync(join(place.root, 'worker_template.md'), 'case: {{ task.title }}\n');
  place.configure({
    max_concurrent_workers: 7,
    agent: place.agent(AGENT),
    limits: { min_free_memory: '16MiB', min_free_disk: '16MiB', attempts: 1, start_gap: '10ms' },
  });
  for (const name of CASES) tasks.set(name, `gh-${place.issue(name)}`);
  const before = readdirSync(place.root);
  firstLook = (await place.tac8('start', '--dry-run')).out;
  made = readdirSync(place.root).filter((name) => !before.includes(name));
  place.start();
}, 120_000);
afterAll(async () => {
  for (const close of closing) await close();
}, 60_000);

const LIMIT = { timeout: 180_000 };
const PATIENCE = 100_000;

describe('a public report', () => {
  test('first dry-run: what would start is named before anything has run, and nothing is written', () => {
    expect(firstLook).toMatch(new RegExp(`Would start\n  ${idOf('limit words')}  limit words\n`));
    for (const name of CASES.slice(1))
      expect(firstLook).toMatch(
        new RegExp(`Would wait[\\s\\S]*\n  ${idOf(name)}  ${name}: (?:it starts next|\\d tasks? (?:is|are) before it)`),
      );
    expect(made).toEqual([]);
  });

  test('limit words: an agent that ends with the words for a limit has met a limit, and no attempt is lost', LIMIT, async () => {
    await place.until('the words', async () => /usage_limit: .*usage limit/.test(await why('limit words')), PATIENCE);
    const [task] = (await place.status()).tasks.filter(({ id }) => id === idOf('limit words'));
    expect(task).toMatchObject({ state: 'pending', attempts: 0 });
    expect(Date.parse(task?.retry_at ?? '')).toBeGreaterThan(Date.now() + 2 * 3_600_000);
    expect((await place.tac8('status')).out).toMatch(new RegExp(`${idOf('limit words')} .*\n +backing off for \\d.* after usage_limit`));
  });

  test('empty work: commits that change nothing are no work, and no pull is opened', LIMIT, async () => {
    await place.until('the end', async () => (await stateOf('empty work')) === 'failed', PATIENCE);
    expect(await why('empty work')).toContain('no change made: 3 commits on its branch, and every file is as the base has it');
    expect(bodyOf('empty work')).toBe('');
  });

  test('half work: what was left in no commit is named in the pull, by why and by status', LIMIT, async () => {
    await place.until('the pull', () => bodyOf('half work') !== '', PATIENCE);
    expect(bodyOf('half work')).toMatch(/in no commit: .*forgotten\.txt/);
    expect(await why('half work')).toMatch(/in no commit: .*forgotten\.txt/);
  });

  test('own branch: commits on a branch that the agent made are found and brought over', LIMIT, async () => {
    await place.until('the pull', () => bodyOf('own branch') !== '', PATIENCE);
    expect(place.repo.git(['log', '-1', '--format=%s', `auto/${idOf('own branch')}`])).toBe('own');
    expect(await why('own branch')).not.toContain('no commit');
  });

  test('paused: a paused task is shown as paused by a person, not as ready', LIMIT, async () => {
    await place.until('all to have begun', () => existsSync(join(place.notes, 'began')), PATIENCE);
    expect((await place.tac8('pause')).code).toBe(0);
    const task = await place.tac8('add', 'Waits for a person');
    expect(task.code, task.err).toBe(0);
    const local = /local-\d+/.exec(task.out)?.[0] ?? '';
    const waits = async () =>
      (await place.status()).tasks.find(({ id }) => id === local) as { state: string; waits_for?: unknown } | undefined;
    await place.until('that it waits', async () => JSON.stringify((await waits())?.waits_for ?? '').includes('paused'), PATIENCE);
    const said = /the fleet is paused/;
    for (const text of [(await place.tac8('status')).out, (await place.tac8('why', local)).out, place.board()])
      expect(text).not.toMatch(/ready\b/);
    for (const text of [(await place.tac8('status')).out, (await place.tac8('why', local)).out]) expect(text).toMatch(said);
    expect((await place.tac8('pause', local)).code).toBe(0);
    expect((await place.tac8('resume')).code).toBe(0);
    await place.until('the other words', async () => (await place.tac8('why', local)).out.includes('paused by a person'), PATIENCE);
    expect((await place.tac8('status')).out).toMatch(/paused by a person for .*: `tac8 resume local-1` lets it go on/);
    expect((await waits())?.state).toBe('pending');
  });

  test('late STOP: words that come after the run has settled are its reason, and the next run does not meet the file', LIMIT, async () => {
    const stop = join(place.root, 'trees', idOf('late STOP'), 'STOP');
    await place.until('the work', () => existsSync(join(place.notes, 'began')), PATIENCE);
    writeFileSync(stop, '');
    await place.until('the end', async () => (await why('late STOP')).includes('stopped: a STOP file'), PATIENCE);
    await place.until(
      'it has settled',
      async () => (await place.status()).tasks.find(({ id }) => id === idOf('late STOP'))?.run?.state === 'settled',
      PATIENCE,
    );
    writeFileSync(stop, 'Tabs, not spaces.\n');
    await place.until('the words', async () => (await why('late STOP')).includes('stopped: Tabs, not spaces.'), PATIENCE);
    await place.until('the board', () => place.board().includes('- Reason: Tabs, not spaces.'), PATIENCE);
    // A further one, after which it is asked for again.
    writeFileSync(join(place.notes, 'again'), '');
    writeFileSync(stop, 'Tabs, I said.\n');
    expect((await place.tac8('retry', idOf('late STOP'))).code).toBe(0);
    await place.until('the pull', () => bodyOf('late STOP') !== '', PATIENCE);
    expect(existsSync(stop)).toBe(false);
  });

  test(
    'old STOP: a file in the worktree of a task that failed otherwise does not stop the run that the board asks for',
    LIMIT,
    async () => {
      const id = idOf('empty work');
      const row = async () => (await place.status()).tasks.find((one) => one.id === id);
      await place.until('the end', async () => (await row())?.run?.state === 'settled', PATIENCE);
      const before = (await row())?.run?.id;
      writeFileSync(join(place.root, 'trees', id, 'STOP'), 'from before\n');
      const lines = place.board().split('\n');
      const at = lines.findIndex((line) => line.includes(`${id}: `));
      const [line = ''] = lines.splice(at, 1);
      while (/^\s+- |^- /.test(lines[at] ?? '')) lines.splice(at, 1);
      lines.splice(lines.indexOf('## Pending') + 1, 0, line.replace(/^\[[^\]]*\]/, '[]'));
      writeFileSync(join(place.root, 'tasks.md'), lines.join('\n'));
      await place.until(
        'the end of the next run',
        async () => {
          const now = await row();
          return now?.state === 'failed' && now.run?.id !== before && now.run?.state === 'settled';
        },
        PATIENCE,
      );
      expect((await row())?.reason?.type).toBe('no_pr');
      expect(existsSync(join(place.root, 'trees', id, 'STOP'))).toBe(false);
    },
  );

  test('long prompt: one that no argument can hold, in bytes, is said with what helps', LIMIT, async (context) => {
    const own = await workplace(context);
    const agent = own.agent('true');
    own.configure({
      agent: { ...agent, command: [...agent.command, '{{ prompt }}'] },
      limits: { min_free_memory: '16MiB', min_free_disk: '16MiB', attempts: 1 },
    });
    writeFileSync(join(own.root, 'worker_template.md'), `${'é'.repeat(70_000)}\n`);
    const number = own.issue('Long');
    own.start();
    await own.until('the failure', () => own.board().includes('❌'), PATIENCE);
    expect((await own.tac8('why', String(number))).out).toMatch(/140\d{3} bytes.*an argument may have 131071[\s\S]*\{\{ prompt_file \}\}/);
  });

  test('.credentials.json: the commonest login of Claude Code is seen by doctor, and an empty one is not', LIMIT, async (context) => {
    const own = await workplace(context);
    own.configure({ agent: { kind: 'claude', command: [claude] } });
    const folder = join(own.home, 'home/.claude');
    mkdirSync(folder, { recursive: true });
    const login = async (content: object): Promise<string> => {
      writeFileSync(join(folder, '.credentials.json'), JSON.stringify(content));
      return (await own.tac8('doctor')).out;
    };
    const kept = {
      accessToken: 'sk-ant-oat01-fake',
      refreshToken: 'sk-ant-ort01-fake',
      expiresAt: Date.now() + 3_600_000,
      scopes: ['user:inference'],
    };
    expect(await login({ claudeAiOauth: kept })).toMatch(/✓ .*Claude Code is logged in \(~\/\.claude\/\.credentials\.json\)/);
    expect(await login({ claudeAiOauth: {} })).toMatch(/✗ .*no login of Claude Code was found/);
  });

  test('signing: a commit that was refused for want of a key is said so, and its files are named', LIMIT, async (context) => {
    const model = await startMockModel({
      work: [{ sh: 'echo hi >hello.txt; git add -A; git commit -m hello' }, { text: 'I have committed it.' }],
    });
    context.onTestFinished(() => model.close());
    const own = await workplace(context);
    const given = {
      ANTHROPIC_API_KEY: 'sk-ant-fake-key-of-nobody',
      CLAUDE_CODE_MAX_RETRIES: '0',
      ANTHROPIC_BASE_URL: `${model.url}/s/work`,
    };
    Object.assign(own.env, given);
    own.repo.git(['config', 'commit.gpgSign', 'true']);
    own.configure({
      agent: { kind: 'claude', command: [claude], env: Object.keys(given) },
      limits: { min_free_memory: '16MiB', min_free_disk: '16MiB', attempts: 1 },
    });
    const number = own.issue('Say hello');
    own.start();
    await own.until('the failure', () => own.board().includes('❌'), PATIENCE);
    const { out } = await own.tac8('why', String(number));
    expect(out).toMatch(/a commit was refused: the repository demands signed commits \(commit\.gpgSign\)[\s\S]*hello\.txt/);
    expect(out).not.toContain('make it clearer');
  });
});

const claude = claudePath(join(import.meta.dirname, '../../../.cache'));
