import { type Result, result } from '../apply.ts';
import type { Context } from '../context.ts';
import type { Subject } from './subject.ts';

/** The agent has said its result and waits for more to do: its stdin ends, so it leaves. */
export async function endInput({ ports }: Context, { run }: Subject): Promise<Result> {
  await ports.workers.closeInput(run.id);
  return result({ kind: 'input-ended' }, 'it said its result');
}
