import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentOf, homeOf, makeHome } from '../adapters/agents/environment.ts';
import type { AgentSettings } from '../adapters/agents/settings.ts';
import { type Answered, type AskProgram, findProgram } from '../adapters/machine/ask-program.ts';

const PROBE_LIMIT = 60_000;

/**
 * One short question to the model, in the environment and with the login that a worker would have, in a folder of its own that is gone
 * afterwards. Costs a few tokens; changes nothing.
 */
export async function probeAgent(settings: AgentSettings, ask: AskProgram): Promise<Answered> {
  const root = await mkdtemp(join(tmpdir(), 'tac8-probe-'));
  try {
    await mkdir(join(root, '.tac8'), { mode: 0o700 });
    const own = { ...settings, root };
    const home = homeOf(root, 'local-0');
    await makeHome(own, home);
    const [program = 'claude', ...before] = settings.command;
    const file = findProgram(program, settings.machine.PATH ?? '/usr/bin:/bin', settings.root);
    if (file === null) return { kind: 'not started', why: `${program} is not there` };
    const model = settings.model === null ? [] : ['--model', settings.model];
    const args = [...before, '-p', '--output-format', 'json', '--max-turns', '1', '--setting-sources', 'user', ...model];
    // The agent's own retries are for work; a person waits here.
    const env = { ...environmentOf(own, 'local-0', home), CLAUDE_CODE_MAX_RETRIES: '1' };
    return await ask(file, args, { env, cwd: root, timeoutMs: PROBE_LIMIT, input: 'Answer with the single word OK.' });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
