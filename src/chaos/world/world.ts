import { stringify } from 'yaml';
import type { DemoFolder } from '../../demo/ground/folder.ts';
import { type DemoForge, LABEL, REPO } from '../../demo/world/forge.ts';
import { POSTGRES_VARIABLE } from '../../demo/world/runners.ts';
import { BRANCH_PREFIX } from '../../demo/world/world.ts';
import { ownFile, ownProgram } from '../../place/own-files.ts';

/** How many agents may live at once; the judge counts with the same number. */
export const SLOTS = 4;

/** What the agent is made of, in sources and as it is built. */
const OWN = ['src', 'dist', 'node_modules', 'package.json'].map(ownFile);

/** The tac8.yaml of chaos: times as short as a loaded machine allows. */
export function chaosConfig(folder: DemoFolder, forge: DemoForge, isBoxed: boolean, hasMachines: boolean): string {
  const program = ownProgram('chaos/agent');
  const document = {
    repo: REPO,
    label: LABEL,
    poll_interval: '300ms',
    max_concurrent_workers: SLOTS,
    branch_prefix: BRANCH_PREFIX,
    github: { api_url: forge.url },
    agent: {
      kind: 'claude',
      command: [process.execPath, '--disable-warning=ExperimentalWarning', program, '--journal', folder.agents],
      env: ['DEMO_MARK', 'NODE_COMPILE_CACHE'],
    },
    limits: {
      run_time: '60s',
      silence: '3s',
      first_event: '20s',
      // With machines it is waited until each has come to its end.
      attempts: hasMachines ? 2 : 3,
      retry_delay: '300ms',
      start_gap: '50ms',
      load_per_core: 500,
      min_free_memory: '32MiB',
      min_free_disk: '32MiB',
    },
    stop: { tool: '300ms', interrupt: '300ms', terminate: '300ms', kill: '2s' },
    http: { port: 0 },
    ...(hasMachines ? { machines: { postgres_env: POSTGRES_VARIABLE }, base_branch: 'main' } : {}),
    ...(isBoxed ? { sandbox: { kind: 'bwrap', profile: { read: OWN, write: [folder.agents] } } } : {}),
  };
  return `# Written by \`tac8 chaos\`: everything is quicker than one would have it in earnest.\n${stringify(document, { lineWidth: 140 })}`;
}
