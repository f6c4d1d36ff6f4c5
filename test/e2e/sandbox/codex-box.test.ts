import { existsSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { agentScene, realAgent } from '../../support/agents/real-agents.ts';
import { filesHolding } from '../../support/machine/files-holding.ts';
import { processesHolding } from '../../support/machine/processes-holding.ts';
import type { Step } from '../../support/model/steps.ts';
import { until } from '../../support/world/program.ts';

const PATIENCE = 100_000;
const KEY = 'fake-key-of-nobody';

/** The real Codex in the real sandbox: its client, its model by the way out, and a key that is nowhere inside. */
test(
  'codex in its box: told in a tool after a kill of daemon and way out together, and its pull',
  { timeout: 300_000 },
  async (context) => {
    const steps: Step[] = [
      { sh: 'env >"$HOME/seen"; ls /root /home >"$HOME/view" 2>&1; touch began; until [ -e go ]; do sleep 0.1; done' },
      { sh: 'echo hi >hello.txt; git add hello.txt; git commit -qm hello' },
      { text: 'Done.' },
    ];
    const scene = await agentScene(context, realAgent('codex'), steps, { sandbox: 'auto' });
    const { place, task, tree, model } = scene;
    await place.until('the slow tool', () => existsSync(join(tree, 'began')), PATIENCE);
    const pid = await place.until('the PID on the board', () => /^- PID: (\d+)$/m.exec(place.board())?.[1], PATIENCE);
    expect(readlinkSync(`/proc/${pid}/ns/net`)).not.toBe(readlinkSync('/proc/self/ns/net'));
    const egress = Number.parseInt(place.read('.tac8/egress/pid'), 10);
    // As the control: the search finds it where it is.
    expect(processesHolding(egress, KEY)).toEqual([`${egress} mem`]);
    expect(processesHolding(Number(pid), KEY)).toEqual([]);
    process.kill(egress, 'SIGKILL');
    await scene.daemon.end('SIGKILL');
    scene.daemon = place.start();
    await place.until('the new daemon', async () => (await place.status()).daemon?.pid === scene.daemon.pid, PATIENCE);
    const told = place.tac8('tell', task, 'Mind the tabs.');
    await place.until('the message to be said', () => scene.daemon.happened().some(({ event }) => event === 'saying'), PATIENCE);
    writeFileSync(join(tree, 'go'), '');
    expect((await told).out).toMatch(new RegExp(`^${task}: taken up after`));
    await place.until('the pull', () => place.board().includes('- PR: #'), PATIENCE);
    expect(model.asked.some(({ lastUser }) => lastUser.includes('Mind the tabs.'))).toBe(true);
    const seen = readFileSync(join(place.root, '.tac8/homes', task, 'seen'), 'utf8');
    expect(seen).toContain('MOCK_KEY=placeholder-');
    expect(filesHolding(place.root, KEY)).toEqual([]);
    // So that its absence means something: the model was asked with it.
    expect(new Set(model.asked.map(({ login }) => login))).toEqual(new Set([`Bearer ${KEY}`]));
    expect((await scene.daemon.end('SIGTERM')).code).toBe(0);
    await until('nothing left behind', () => place.strays().length === 0, { within: PATIENCE, why: () => place.strays().join('\n') });
  },
);
