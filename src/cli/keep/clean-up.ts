import { judgeHouseholdOf, removalsOf } from '../../compose/household.ts';
import { composePremises, lockRepository, type Premises } from '../../compose/premises.ts';
import type { Judgement } from '../../core/household/removals.ts';
import type { Removal } from '../../core/model/household.ts';
import { CLEAN } from '../../core/voices/requests.ts';
import { messageOf } from '../../core/words/message-of.ts';
import { openProject, type Project } from '../../place/project.ts';
import { daemonAt } from '../../read/open.ts';
import { EXIT, Exit } from '../ground/exit-codes.ts';
import { paint } from '../ground/style.ts';
import { askDaemon } from '../steer/ask-daemon.ts';

export interface CleanOptions {
  readonly apply: boolean;
  readonly kept: boolean;
  readonly json: boolean;
}

/** Seconds: saving and removing many worktrees takes its time. */
const PATIENCE = 600;

/** Shows or does what a daemon does by itself, by the same decision. A running daemon is asked to do it: two at one worktree are one too many. */
export async function cleanUp(from: string, { apply, kept, json }: CleanOptions): Promise<void> {
  const project = await openProject(from, process.env);
  if (apply && daemonAt(project) !== null)
    return askDaemon({ from, verb: CLEAN, task: null, args: {}, timeout: PATIENCE, ...(json ? { json: true as const } : {}) });
  // While this works, no daemon starts.
  const lock = apply ? lockRepository(project) : null;
  const premises = composePremises(project, process.env, apply);
  try {
    const judgement = await judgeHouseholdOf(premises);
    const failed = apply ? await removeAll(premises, judgement.remove) : [];
    process.stdout.write(json ? asJson(judgement, apply, failed) : asText(judgement, apply, kept, failed, project));
    if (failed.length > 0) throw new Exit(EXIT.failed, `${failed.length} of ${judgement.remove.length} could not be removed`);
  } finally {
    premises.close();
    lock?.release();
  }
}

interface Failed {
  readonly removal: Removal;
  readonly message: string;
}

async function removeAll(premises: Premises, removals: readonly Removal[]): Promise<readonly Failed[]> {
  const failed: Failed[] = [];
  const remove = await removalsOf(premises);
  for (const removal of removals) {
    try {
      await remove(removal);
    } catch (error) {
      failed.push({ removal, message: messageOf(error) });
    }
  }
  return failed;
}

function asJson({ remove, keep }: Judgement, applied: boolean, failed: readonly Failed[]): string {
  const rows = remove.map((removal) => ({ ...removal, error: failed.find((one) => one.removal === removal)?.message ?? null }));
  return `${JSON.stringify({ applied, remove: rows, keep }, null, 2)}\n`;
}

function asText({ remove, keep }: Judgement, applied: boolean, showKept: boolean, failed: readonly Failed[], { root }: Project): string {
  const out: string[] = [];
  const short = (text: string): string => text.replace(`${root}/`, '');
  for (const removal of remove) {
    const error = failed.find((one) => one.removal === removal)?.message;
    const word = error === undefined ? paint('green', applied ? 'removed' : 'remove ') : paint('red', 'left   ');
    out.push(`${word}  ${short(whatOf(removal))} — ${error ?? removal.why}`);
  }
  if (showKept) for (const { what, why } of keep) out.push(paint('dim', `keep     ${short(what)} — ${why}`));
  if (remove.length === 0) out.push('Nothing to remove.');
  else if (!applied) out.push('', '`tac8 clean --apply` removes it; worktrees are saved first, `tac8 restore` brings them back.');
  return `${out.join('\n')}\n`;
}

function whatOf(removal: Removal): string {
  switch (removal.kind) {
    case 'remove-tree':
      return `worktree ${removal.path}`;
    case 'remove-log':
      return `log of ${removal.task} ${removal.run}, ${Math.ceil(removal.bytes / 1024)} KiB`;
    case 'remove-run-folder':
      return `run folder of ${removal.task} ${removal.run}`;
    case 'remove-home':
      return `home of ${removal.task}`;
    case 'drop-saved':
      return `${removal.refs.length} ${removal.refs.length === 1 ? 'snapshot' : 'snapshots'}: ${removal.refs.slice(0, 3).join(', ')}${removal.refs.length > 3 ? ' …' : ''}`;
  }
}
