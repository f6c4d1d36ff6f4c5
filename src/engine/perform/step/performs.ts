import type { Action, ActionOf } from '../../../core/tick/plan.ts';
import type { Context } from '../../ports/context.ts';
import type { Result } from './apply.ts';
import type { Subject } from './subject.ts';

/** All but `abort`, which is no effect: it gives one up. */
export type Performed = Exclude<Action, { kind: 'abort' }>;

/** An action's file: its kind, and the effect. Throws what the ports throw; the result is written by the caller. */
export interface Performs<K extends Performed['kind']> {
  readonly kind: K;
  perform(context: Context, subject: Subject, signal: AbortSignal, action: ActionOf<K>): Promise<Result>;
}
