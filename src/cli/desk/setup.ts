import { join } from 'node:path';
import type { Setup } from '../../api/desk/setup.ts';
import { iso } from '../../api/iso.ts';
import { CONFIG_FILE } from '../../config/read/file.ts';
import { loadConfig } from '../../config/read/load.ts';
import { renderProblems } from '../../config/read/problems.ts';
import { takeUp } from '../../config/read/take-up.ts';
import type { Ms } from '../../core/model/seen.ts';
import { examine } from '../../doctor/examination.ts';
import { readPlainSync } from '../../files/open-plain.ts';
import type { Accepted } from '../../place/project.ts';

const MOST = 1 << 20;

/** What `tac8 doctor` finds, and the settings with where each comes from. */
export async function setupOf({ root, written }: Accepted, env: NodeJS.ProcessEnv, now: () => Ms): Promise<Setup> {
  const at = iso(now());
  const [{ findings }, { shownSettings }] = await Promise.all([
    examine({ from: root, env, probe: false }),
    import('../../config/read/shown.ts'),
  ]);
  const loaded = loadConfig(root, env);
  const waiting = loaded.ok ? takeUp(written, loaded.written).waiting : [];
  return {
    at,
    findings: findings.map(({ check, level, says, why, mend }) => ({ check, level, says, why, mend })),
    settings: loaded.ok ? shownSettings(textOf(root)) : [],
    problems: loaded.ok ? [] : [renderProblems(loaded.problems)],
    waiting: waiting.length === 0 ? null : `${waiting.join(', ')}: counts from \`tac8 reload\` on`,
  };
}

function textOf(root: string): string {
  try {
    return readPlainSync(join(root, CONFIG_FILE), MOST);
  } catch {
    // No file: all is as by default.
    return '';
  }
}
