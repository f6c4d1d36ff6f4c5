import type { Action } from '../../core/plan.ts';
import type { Result } from '../apply.ts';
import type { Context } from '../context.ts';
import { commit } from './commit.ts';
import { endInput } from './end-input.ts';
import { inspect } from './inspect.ts';
import { launch } from './launch.ts';
import { logEnd } from './log-end.ts';
import { mend } from './mend.ts';
import { openPull } from './open-pull.ts';
import { postComment } from './post-comment.ts';
import { prepare } from './prepare.ts';
import { push } from './push.ts';
import { save } from './save.ts';
import type { Subject } from './subject.ts';
import { sweep } from './sweep.ts';
import { takeRung } from './take-rung.ts';
import { tell } from './tell.ts';
import { verify } from './verify.ts';

/** One effect, from its file; the result is written by the caller. Throws what the ports throw. */
export function perform(
  context: Context,
  action: Exclude<Action, { kind: 'abort' }>,
  subject: Subject,
  signal: AbortSignal,
): Promise<Result> {
  switch (action.kind) {
    case 'prepare':
      return prepare(context, subject, signal);
    case 'launch':
      return launch(context, subject, signal);
    case 'rung':
      return takeRung(context, subject, action.rung);
    case 'sweep':
      return sweep(context, subject);
    case 'tell':
      return tell(context, subject, action.ids);
    case 'end-input':
      return endInput(context, subject);
    case 'save':
      return save(context, subject);
    case 'mend':
      return mend(context, subject);
    case 'commit':
      return commit(context, subject);
    case 'inspect':
      return inspect(context, subject);
    case 'verify':
      return verify(context, subject, signal);
    case 'push':
      return push(context, subject, signal);
    case 'open-pull':
      return openPull(context, subject, signal);
    case 'log-end':
      return logEnd(context, subject);
    case 'comment':
      return postComment(context, subject, signal);
  }
}
