import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Answered, type AskProgram, findProgram } from '../../adapters/machine/ask-program.ts';
import type { AgentKind, Probe } from '../../agents/ground/kind.ts';
import type { AgentSettings } from '../../agents/ground/settings.ts';
import { makeSurroundings } from '../../agents/surroundings.ts';

const PROBE_LIMIT = 60_000;

/**
 * One short question to the model, in the environment and with the login that a worker would have, in a folder of its own that is gone
 * afterwards. Costs a few tokens; changes nothing.
 */
export async function probeAgent(agent: AgentKind, probe: Probe, settings: AgentSettings, ask: AskProgram): Promise<Answered> {
  const root = await mkdtemp(join(tmpdir(), 'tac8-probe-'));
  try {
    await mkdir(join(root, '.tac8'), { mode: 0o700 });
    const surroundings = await makeSurroundings(agent, { ...settings, root }, 'local-0');
    const [program = '', ...before] = settings.command;
    const file = findProgram(program, settings.machine.PATH ?? '/usr/bin:/bin', settings.root);
    if (file === null) return { kind: 'not started', why: `${program} is not there` };
    const env = { ...surroundings, ...probe.variables };
    const args = [...before, ...probe.args(settings.model)];
    return await ask(file, args, { env, cwd: root, timeoutMs: PROBE_LIMIT, input: probe.input });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
