import type { Issue } from '../../../core/model/forge.ts';
import type { Seen } from '../../../core/model/seen.ts';
import type { GreenRules } from '../../../core/review/green.ts';
import type { Policy } from '../../../core/tick/policy.ts';
import type { Context, Ports } from '../../ports/context.ts';
import { type Talk, watchTalk } from '../talk/talk.ts';
import { watchCalls } from './call-watch.ts';
import { watchGreen } from './green-watch.ts';
import { type PullWatch, watchPulls } from './pull-watch.ts';
import { watchQueue } from './queue-watch.ts';
import { type ReviewWatch, watchReviews } from './review-watch.ts';
import { watchBranches } from './tidy-watch.ts';
import { watchWithdrawals } from './withdraw-watch.ts';

/** Our own pulls from their opening to their end: seen, listened to, taken on. `pulls` is null where there is no forge. */
export function followPulls(
  ports: Ports,
  settings: Context['settings'],
  policy: () => Policy,
  talk: Talk,
  issues: () => Seen<readonly Issue[]>,
  wake: () => void,
): { readonly pulls: PullWatch | null; readonly reviews: ReviewWatch } {
  const { forge, store } = ports;
  const follows = (): boolean => policy().pulls.follow;
  const counts = (): boolean => policy().maxOpenPulls !== null;
  if (forge === null) return { pulls: null, reviews: watchReviews({ store, pulls: null, calls: null, follows, counts }) };
  const around = { ...ports, forge };
  const calls = watchCalls({ ...around, base: settings.baseBranch, wake });
  const rules = (): GreenRules => ({ ...policy().pulls, label: policy().label });
  const wanted = { ...around, rules, issues, calls: calls.calls };
  const said = watchTalk(around, policy, talk, settings.trees, (number) => pulls.sights().get(number)?.task ?? null);
  const pulls: PullWatch = watchPulls({
    ...{ ...around, interval: settings.pollInterval, follows },
    ...{ letGo: watchQueue(around).look, gather: calls.gather, talk: said },
    ...{ withdrawals: watchWithdrawals(wanted), advance: watchGreen(wanted).advance },
    tidy: watchBranches({ ...around, wants: () => policy().pulls.deleteBranch === true }).tidy,
  });
  return { pulls, reviews: watchReviews({ store, pulls, calls, follows, counts }) };
}
