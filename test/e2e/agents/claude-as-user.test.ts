import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { claudePath } from '../../../scripts/fetch/fetch-claude.ts';
import { canBeRunBy, NOBODY } from '../../support/machine/other-user.ts';
import { startMockModel } from '../../support/model/server.ts';
import type { Step } from '../../support/model/steps.ts';
import { workplace } from '../../support/world/daemon.ts';

const claude = claudePath(join(import.meta.dirname, '../../../.cache'));
const PATIENCE = 100_000;
const COMMIT = 'git add late.txt; git commit -qm late';

/** Claude takes "allow everything" from anybody but root: most people's workers run so, and the tests of root's never do. */
test.skipIf(!canBeRunBy(NOBODY, claude))(
  'the real claude as an ordinary user: everything allowed, told the guidance, no hook of the repository, its late work waited for',
  { timeout: 300_000 },
  async (context) => {
    const steps: Step[] = [
      { tool: 'EnterWorktree', input: { name: 'elsewhere' } },
      { tool: 'Bash', input: { command: `sleep 3; id -u >late.txt; ${COMMIT}`, description: 'late work', run_in_background: true } },
      { text: 'It runs; I wait for it.' },
      { text: 'Done: it has ended.' },
    ];
    const model = await startMockModel({ work: steps });
    context.onTestFinished(() => model.close());
    const hook = { hooks: { SessionStart: [{ hooks: [{ type: 'command', command: 'touch hooked' }] }] } };
    const files = { 'CLAUDE.md': 'Sentences end with a rhubarb.', '.claude/settings.json': JSON.stringify(hook) };
    const place = await workplace(context, { user: NOBODY, files });
    const given = {
      ANTHROPIC_API_KEY: 'sk-ant-fake-key-of-nobody',
      CLAUDE_CODE_MAX_RETRIES: '0',
      ANTHROPIC_BASE_URL: `${model.url}/s/work`,
    };
    Object.assign(place.env, given);
    place.configure({ agent: { kind: 'claude', command: [claude], env: Object.keys(given) } });
    const task = `gh-${place.issue('Say hello', 'A file that says who wrote it.')}`;
    const daemon = place.start();
    await place.until('the pull', () => place.board().includes('- PR: #'), PATIENCE);

    expect(place.read(`logs/${task}.jsonl`)).toMatch(/"permissionMode":"bypassPermissions"/);
    expect(place.read(`logs/${task}.jsonl`)).toContain('Stay in it, and commit on its branch');
    expect(model.asked[0]?.lastUser).toContain('--- CLAUDE.md ---\nSentences end with a rhubarb.');
    expect(existsSync(join(place.root, 'trees', task, 'hooked'))).toBe(false);
    expect(place.repo.git(['show', `auto/${task}:late.txt`])).toBe(String(NOBODY));
    expect(place.fake.state.issues.find(({ pull }) => pull !== null)?.body).not.toContain('unfinished');
    expect((await daemon.end('SIGTERM')).code).toBe(0);
    expect(place.strays()).toEqual([]);
  },
);
