import { statSync } from 'node:fs';
import { say } from '../ground/say.ts';
import { version } from '../ground/version.ts';
import { type Asked, readAsked } from './asked.ts';

/** The word by which the shells' scripts ask what Tab may offer; not a command that a person sees. */
const COMPLETE = '__complete';

/**
 * The command lines that people, prompts and scripts run all day, answered before the parser and forty commands are loaded. False: it is none
 * of them; nothing was said then, and the whole program says what is to be said. Throws what the command itself throws.
 */
export async function answerAtOnce(argv: readonly string[]): Promise<boolean> {
  if (argv.length === 1 && argv[0] === '--version') {
    say(`${version()}\n`);
    return true;
  }
  if (argv[0] === COMPLETE) {
    const { answerCompletion } = await import('../complete/complete.ts');
    await answerCompletion(argv.slice(1));
    return true;
  }
  const asked = readAsked(argv);
  const folder = asked === null ? null : folderOf(asked);
  if (asked === null || folder === null) return false;
  await answer(asked, folder);
  return true;
}

async function answer({ command, task, flags }: Asked, folder: string): Promise<void> {
  const json = flags.has('--json');
  if (command === 'status') await (await import('../fleet/show-status.ts')).showStatus(folder, json);
  else if (command === 'plan') await (await import('../fleet/show-plan.ts')).showPlan(folder, json);
  else if (command === 'report') {
    const [{ showReport }, { REPORTED_SINCE }] = await Promise.all([
      import('../report/show-report.ts'),
      import('../ground/moment-argument.ts'),
    ]);
    await showReport(folder, { since: REPORTED_SINCE, ...(json && { json }), ...(flags.has('--offline') && { offline: true }) });
  } else if (task === null) throw new Error(`${command} takes a task`);
  else if (command === 'why') await (await import('../fleet/show-why.ts')).showWhy(folder, task, json);
  else {
    const { showDiff } = await import('../keep/show-diff.ts');
    await showDiff(folder, task, { ...(json && { json }), ...(flags.has('--stat') && { stat: true }), pager: !flags.has('--no-pager') });
  }
}

/** Null: there is none, which the whole program says. */
function folderOf({ from }: Asked): string | null {
  try {
    return from === null ? process.cwd() : statSync(from, { throwIfNoEntry: false })?.isDirectory() === true ? from : null;
  } catch {
    return null;
  }
}
