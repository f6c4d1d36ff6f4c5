import { ACCEPT_EDIT, RESTORE_BOARD } from '../../core/voices/requests.ts';
import { findPlace } from '../../place/place.ts';
import { statusAt } from '../../read/status-at.ts';
import { EXIT, Exit } from '../ground/exit-codes.ts';
import { askDaemon } from '../steer/ask-daemon.ts';

/** A person's word on the edit that is held now, as `status` shows it. */
export async function answerHeldEdit(from: string, word: 'accept' | 'restore'): Promise<void> {
  const held = statusAt(await findPlace(from, process.env)).seen?.held ?? null;
  if (held === null) throw new Exit(EXIT.refused, 'no edit of tasks.md is held');
  const verb = word === 'accept' ? ACCEPT_EDIT : RESTORE_BOARD;
  await askDaemon({ from, verb, task: null, args: { token: held.token }, timeout: 30 });
}
