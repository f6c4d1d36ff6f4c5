import { messageOf } from '../../core/words/message-of.ts';
import { type Answer, giveOrder } from '../../orders/give-order.ts';
import { findPlace, type Place } from '../../place/place.ts';
import { daemonAt } from '../../read/open.ts';
import { EXIT, Exit } from '../ground/exit-codes.ts';

export interface Order {
  readonly verb: string;
  readonly more?: Readonly<Record<string, string>>;
  readonly json: boolean;
  /** What to do where no daemon runs. */
  readonly without: string;
}

/** Orders something that only a person may: the daemon asks the kernel who does. */
export async function order(from: string, { verb, more, json, without }: Order): Promise<void> {
  const place = await findPlace(from, process.env);
  const pid = daemonAt(place)?.pid ?? null;
  if (pid === null) throw new Exit(EXIT.noDaemon, 'no daemon runs on this repository', without);
  sayAnswer(await ordered(place, pid, verb, more), json);
}

/** The answer of the daemon with that pid. */
export async function ordered(place: Place, pid: number, verb: string, more: Readonly<Record<string, string>> = {}): Promise<Answer> {
  try {
    return await giveOrder(place, pid, verb, more);
  } catch (error) {
    const hint = 'Restart it: `tac8 stop --now`, then `tac8 start`.';
    throw new Exit(EXIT.failed, `the daemon (process ${pid}) does not take orders: ${messageOf(error)}`, hint);
  }
}

export function sayAnswer(answer: Answer, json: boolean): void {
  if (json) process.stdout.write(`${JSON.stringify(answer)}\n`);
  else if (answer.ok) process.stdout.write(`${answer.message}\n`);
  if (answer.ok) return;
  if (!json) throw new Exit(EXIT.refused, answer.message);
  process.exitCode = EXIT.refused;
}
