import { taskOfBranch } from '../../../src/core/review/pull-sights.ts';
import { PortError } from '../../../src/engine/ports/error.ts';
import type { Forge } from '../../../src/engine/ports/outside/forge.ts';
import type { Life } from '../life.ts';
import type { Stage } from '../stage.ts';
import { TAC8 } from '../truth/forge.ts';

/** GitHub as the adapter answers for it: lists are complete or an error, and what is made is looked for first. */
export function forgePort(stage: Stage, life: Life): Forge {
  const { forge, troubles } = stage;
  const looks = stage.without !== 'look before post';

  return {
    limits: () => null,
    look: async () => undefined,
    checks: (_commit, signal) => life.call('forge.checks', () => null, { signal }),
    login: () => life.call('forge.login', () => TAC8),
    defaultBranch: () => life.call('forge.defaultBranch', () => 'main'),
    async issues(_label, signal) {
      const all = await life.call('forge.issues', () => listed(), { signal });
      stage.witness.delivered(all);
      return all;
    },
    issue: (number, signal) => life.call('forge.issue', () => (believesHalf() ? null : forge.issue(number)), { signal }),
    openPulls: (signal) => life.call('forge.openPulls', () => forge.pulls.filter(({ state }) => state === 'open'), { signal }),
    pullsOf: (branch, signal) => life.call('forge.pullsOf', () => forge.pulls.filter(({ head }) => head.branch === branch), { signal }),
    trigger: (number, _label, signal) => life.call('forge.trigger', () => forge.trigger(number), { signal }),
    failures: (_commit, signal) => life.call('forge.failures', () => [], { signal }),
    reviews: (pull, signal) => life.call('forge.reviews', () => forge.reviews(pull), { signal }),
    merging: (pull, signal) => {
      const commit = () => forge.pulls.find(({ number }) => number === pull)?.head.commit ?? 'c'.repeat(40);
      return life.call('forge.merging', () => ({ commit: commit(), merges: true, isClean: false }), { signal });
    },
    orders: (_since, _isAwaited, signal) => life.call('forge.orders', () => [], { signal }),
    letGo: (pulls, signal) => life.call('forge.letGo', () => new Map(pulls.map((number) => [number, null])), { signal }),
    editComment: (_comment, _body, signal) => life.call('forge.editComment', () => true, { signal }),
    ownIssue: (_marker, _title, _body, signal) => life.call('forge.ownIssue', () => 1, { signal }),
    editedIssue: (_number, _known, signal) => life.call('forge.editedIssue', () => null, { signal }),
    editIssue: (_number, _body, _inPlaceOf, signal) => life.call('forge.editIssue', () => true, { signal }),
    rewritePull: (_pull, _body, signal) => life.call('forge.rewritePull', () => true, { signal }),
    dress: (_pull, _form, signal) => life.call('forge.dress', () => [], { signal }),
    discussion: (_issue, signal) => life.call('forge.discussion', () => [], { signal }),
    acknowledge: (_comment, signal) => life.call('forge.acknowledge', () => undefined, { signal }),
    markReady: (_pull, signal) => life.call('forge.markReady', () => undefined, { signal }),
    mergeGreen: (_pull, _commit, signal) => life.call('forge.mergeGreen', () => ({ kind: 'armed' }), { signal }),
    dropBranch: (_pull, signal) => life.call('forge.dropBranch', () => null, { signal }),
    takeBack: (_pull, signal) => life.call('forge.takeBack', () => true, { signal }),
    tip: (_branch, signal) => life.call('forge.tip', () => 'b'.repeat(40), { signal }),
    async dependencies(number, signal) {
      const blockers = () =>
        (forge.issues.get(number)?.blockers ?? []).map((one) => ({ name: `#${one.number}`, number: one.number, open: one.isOpen }));
      const all = await life.call('forge.dependencies', blockers, { signal });
      stage.witness.answered(number, all);
      return all;
    },
    async comment(issue, marker, body, signal) {
      const url = `https://forge.test/issues/${issue}#comment`;
      const ours = () => forge.comments.some((one) => one.issue === issue && one.author === TAC8 && one.body.includes(marker));
      if (looks && (await life.call('forge.comment/look', ours, { signal }))) return { url, posted: false };
      await life.call('forge.comment', () => forge.post(issue, body), { signal });
      return { url, posted: true };
    },
    async openPull(wanted, signal) {
      try {
        return await opened(wanted, signal);
      } catch (error) {
        const task = taskOfBranch(wanted.branch);
        if (task !== null && !life.isLeaving()) stage.witness.deliveryRefused(task);
        throw error;
      }
    },
  };

  async function opened({ branch, title, body }: Parameters<Forge['openPull']>[0], signal: AbortSignal): ReturnType<Forge['openPull']> {
    const ofBranch = () => forge.pulls.find(({ head, state }) => head.branch === branch && state === 'open');
    const there = looks ? await life.call('forge.openPull/look', ofBranch, { signal }) : undefined;
    const pull = there ?? (await life.call('forge.openPull', () => forge.openPull({ branch, title, body, author: TAC8 }), { signal }));
    return { number: pull.number, url: pull.url };
  }

  /** Without the safeguard half a list counts as the whole, and nobody asks for what it lacks. */
  function believesHalf(): boolean {
    return stage.without === 'partial lists' && troubles.is('partial');
  }

  /** A page that does not come makes the whole list unknown. */
  function listed() {
    const all = forge.listed();
    if (!troubles.is('partial')) return all;
    if (believesHalf()) return all.slice(0, Math.floor(all.length / 2));
    throw new PortError('retryable', 'page 2 of the list did not come');
  }
}
