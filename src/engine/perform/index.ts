import type { ActionOf } from '../../core/tick/plan.ts';
import type { Context } from '../ports/context.ts';
import { commit } from './end/commit.ts';
import { inspect } from './end/inspect.ts';
import { logEnd } from './end/log-end.ts';
import { mend } from './end/mend.ts';
import { putAside } from './end/put-aside.ts';
import { save } from './end/save.ts';
import { verify } from './end/verify.ts';
import { endInput } from './live/end-input.ts';
import { sweep } from './live/sweep.ts';
import { takeRung } from './live/take-rung.ts';
import { tell } from './live/tell.ts';
import { openPull } from './pull/open-pull.ts';
import { postComment } from './pull/post-comment.ts';
import { push } from './pull/push.ts';
import { launch } from './start/launch.ts';
import { prepare } from './start/prepare.ts';
import type { Result } from './step/apply.ts';
import type { Performed, Performs } from './step/performs.ts';
import type { Subject } from './step/subject.ts';

type Kind = Performed['kind'];

/** Every action under its kind: one that is missing here, or stands under another's kind, does not compile. */
export type Actions = { readonly [K in Kind]: Performs<K> };

export const ACTIONS: Actions = {
  prepare,
  launch,
  rung: takeRung,
  sweep,
  tell,
  'end-input': endInput,
  'put-aside': putAside,
  save,
  mend,
  commit,
  inspect,
  verify,
  push,
  'open-pull': openPull,
  'log-end': logEnd,
  comment: postComment,
};

/** One effect, from its file; the result is written by the caller. Throws what the ports throw. */
export const perform = (context: Context, action: Performed, subject: Subject, signal: AbortSignal): Promise<Result> =>
  performOne(context, action.kind, action, subject, signal);

const performOne = <K extends Kind>(
  context: Context,
  kind: K,
  action: ActionOf<K>,
  subject: Subject,
  signal: AbortSignal,
): Promise<Result> => ACTIONS[kind].perform(context, subject, signal, action);
