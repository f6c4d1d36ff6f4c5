import type { CommitChecks } from '../../core/review/checks.ts';
import { withoutPlaces } from '../../core/words/harmless.ts';
import type { Forge } from '../../engine/ports/outside/forge.ts';
import type { Allowance } from '../../engine/ports/records/facts.ts';
import type { Log } from '../../engine/ports/records/log.ts';
import { createLane, type Lane } from './agents/lane.ts';
import { createGlance } from './glance/glance.ts';
import { editComment, ownComment, postComment, saysAlready, saysNow } from './issues/comments.ts';
import { dependenciesOf, labelledIssues, oneIssue } from './issues/issues.ts';
import { acknowledge, discussionOf, ordersSince } from './issues/orders.ts';
import { createIssue, editIssue, editorsOf, ownIssue } from './issues/own-issue.ts';
import { createTriggers } from './issues/trigger-cache.ts';
import { keepAnswers } from './kept/kept.ts';
import { createHeads, type Named } from './login/heads.ts';
import { createIdentity } from './login/identity.ts';
import { createRepository, type Pin } from './login/repository.ts';
import { markReady, mergeGreen } from './pulls/advance.ts';
import { createChecks } from './pulls/checks.ts';
import { dressPull } from './pulls/dress.ts';
import { dropBranch } from './pulls/drop-branch.ts';
import { failuresOf } from './pulls/failures.ts';
import { letGoOf } from './pulls/let-go.ts';
import { mergingOf, tipOf } from './pulls/merging.ts';
import { createPull, pullThere } from './pulls/open-pull.ts';
import { allOpenPulls, pullsByHead } from './pulls/pulls.ts';
import { reviewsOf } from './pulls/reviews.ts';
import { rewritePull } from './pulls/rewrite.ts';
import { takeBack } from './pulls/take-back.ts';
import { createApi } from './rest/api.ts';
import type { Limits } from './rest/limits.ts';
import type { Prose } from './write/closing.ts';
import { type Once, once } from './write/once.ts';
import { pause as byTimer, createPace, createTurns, type Pause } from './write/turns.ts';

export interface GitHubOptions {
  /** The REST root, `https://api.github.com`. */
  readonly apiUrl: string;
  readonly repo: { readonly owner: string; readonly name: string };
  /** Where git pushes the branches of pulls, as its address names it; null, or left out: not told, so it is `repo`. */
  readonly pushedTo?: () => Named | null;
  /** Asked before every request; null: ask without a token. */
  readonly token: () => Promise<string | null>;
  /** As which account the token writes, where that is known: GitHub does not tell it to an App. */
  readonly login?: () => Promise<string>;
  /** GitHub refuses this token; left out: nobody can do anything about it. */
  readonly refused?: (token: string) => void;
  /** What kept answers are sealed with, where tokens change every hour; left out: the token. */
  readonly sealedWith?: () => Promise<string>;
  readonly log: Log;
  /** For one attempt at one request, in ms. */
  readonly timeoutMs: number;
  /** Pauses before further attempts of a read, in ms. */
  readonly retryDelays?: readonly number[];
  /** Pauses before looking whether a write whose answer was lost has come through, in ms. */
  readonly lookDelays?: readonly number[];
  /** Between two writes, in ms; GitHub asks for a second. */
  readonly writeGapMs?: number;
  /** Waited for right before each write, and throws where it is not to be made; left out: nothing is. */
  readonly mayWrite?: () => Promise<void>;
  readonly now?: () => number;
  /** How it waits between attempts and writes; left out: by the machine's timers. */
  readonly pause?: Pause;
  /** Folders of this machine, which no text that is sent names; left out: none. */
  readonly places?: readonly string[];
  /** Which repository is meant, beyond this process; left out: whichever bears the name. */
  readonly pin?: Pin;
  /** Bots and Apps whose label starts work, by login; left out: none. */
  readonly bots?: readonly string[];
  /** What shows as words of a text that a stranger wrote; left out: as it is written. */
  readonly prose?: Prose;
  /** Where answers are kept for the next start, and whether this one writes there; left out: nowhere. */
  readonly folder?: { readonly path: string; readonly isWriting: boolean };
}

export interface GitHubForge extends Forge {
  /** GitHub as agents have it, to read. */
  readonly lane: Lane;
  /** The repository as it is called now. */
  repository(): Promise<Named>;
  /** What GitHub last said of the token's allowance; null: nothing yet. */
  limits(): (Limits & Pick<Allowance, 'spent' | 'held'>) | null;
  checks(commit: string, signal: AbortSignal): Promise<CommitChecks>;
}

/** The forge over GitHub's REST API, github.com or Enterprise Server. Sends nothing before it is asked to. */
export function createGitHubForge(options: GitHubOptions): GitHubForge {
  const { log, places = [] } = options;
  const shown = (body: string): string => withoutPlaces(body, places);
  const now = options.now ?? Date.now;
  const pause = options.pause ?? byTimer;
  const kept = options.folder === undefined ? {} : { kept: keepAnswers(options.folder.path, log, options.folder.isWriting) };
  const api = createApi({ ...options, ...kept, retryDelays: options.retryDelays ?? [300, 1000], now, pause });
  const where = createRepository(api, options.repo, now, options.pin);
  const ends = {
    where,
    prose: options.prose ?? (async (text: string) => text),
    heads: createHeads(api, where, options.pushedTo ?? (() => null), now),
  };
  const me = createIdentity(api, options.token, options.login);
  const triggers = createTriggers(api, where, now, options.bots ?? []);
  const glance = createGlance({ api, where, heads: ends.heads, log, now });
  const askChecks = createChecks(api, where, now);
  const inTurn = createTurns();
  const paced = createPace(options.writeGapMs ?? 1000, now, pause);
  const pace = async (signal: AbortSignal): Promise<void> => {
    await paced(signal);
    await options.mayWrite?.();
  };

  /** Look and write as one, after the writes before it, at GitHub's pace. */
  const write = <T>(look: Once<T>['look'], make: Once<T>['make'], signal: AbortSignal) =>
    inTurn(async () => {
      const paced = async (): Promise<T> => {
        await pace(signal);
        return make();
      };
      return once({ look, make: paced, lookDelays: options.lookDelays ?? [0, 500, 2000], pause, log, signal });
    }, signal);

  return {
    lane: createLane(api, where, now),
    repository: () => where(null),
    limits() {
      const said = api.limits();
      if (said === null) return null;
      const { until, because } = said;
      return { ...said, held: until !== null && until > now() ? { until, because: because ?? 'a limit' } : null, spent: api.spent() };
    },
    login: () => me(null),
    defaultBranch: async () => (await where(null)).defaultBranch,
    async issues(label, signal) {
      const issues = await labelledIssues(api, where, label, signal);
      triggers.saw(issues);
      return issues;
    },
    issue: (number, signal, label) => oneIssue(api, where, number, signal, label),
    look: glance.look,
    async openPulls(signal) {
      const seen = glance.openPulls();
      if (seen !== null) return seen;
      const pulls = await allOpenPulls(api, ends, signal);
      glance.listed(pulls);
      return pulls;
    },
    pullsOf: (branch, signal) => pullsByHead(api, ends, branch, { signal }),
    dependencies: (issue, signal) => dependenciesOf(api, where, issue, signal),
    trigger: (issue, label, signal) => triggers.ask(issue, label, signal),
    checks: async (commit, signal) => glance.checks(commit) ?? askChecks(commit, signal),
    failures: (commit, signal) => failuresOf(api, where, commit, signal),
    reviews: async (pull, signal) => (glance.isReviewed(pull) === false ? [] : reviewsOf(api, where, triggers.mayWrite, pull, signal)),
    merging: async (pull, signal) => glance.merging(pull) ?? mergingOf(api, where, pull, signal),
    orders: (since, isAwaited, signal) => ordersSince(api, where, glance.remarks, triggers.mayWrite, since, isAwaited, signal),
    discussion: (issue, signal) => discussionOf(api, where, triggers.mayWrite, issue, signal),
    acknowledge: (comment, signal) => inTurn(() => pace(signal).then(() => acknowledge(api, where, comment, signal)), signal),
    markReady: (pull, signal) => inTurn(() => pace(signal).then(() => markReady(api, where, pull, signal)), signal),
    mergeGreen: (pull, commit, signal) =>
      inTurn(() => pace(signal).then(() => mergeGreen(api, where, triggers.mayWrite, { pull, commit }, signal)), signal),
    dropBranch: (pull, signal) => inTurn(() => dropBranch(api, ends, pull, () => pace(signal), signal), signal),
    takeBack: (pull, signal) => inTurn(() => takeBack(api, where, pull, () => pace(signal), signal), signal),
    letGo: (pulls, signal) => letGoOf(api, where, pulls, signal),
    tip: async (branch, signal) => glance.tip(branch) ?? tipOf(api, where, branch, signal),
    editComment: (comment, body, signal) =>
      inTurn(() => pace(signal).then(() => editComment(api, where, comment, shown(body), signal)), signal),
    async comment(issue, marker, body, signal) {
      const login = await me(signal);
      const wanted = { issue, marker, body: shown(body) };
      const { value, made } = await write(
        () => ownComment(api, where, login, wanted, signal),
        () => postComment(api, where, wanted, signal),
        signal,
      );
      // Of a run whose work was delivered, or let go, after it was told of: its comment says how it stands now. Where GitHub does not tell our
      // login, it may be that of another bot, which quotes ours: it stays as it is.
      if (!made && login !== null && !saysAlready(value, wanted))
        await inTurn(() => pace(signal).then(() => saysNow(api, where, value, wanted, signal)), signal);
      return { url: value.html_url, posted: made };
    },
    async ownIssue(marker, title, body, signal) {
      const login = await me(signal);
      const { value } = await write(
        () => ownIssue(api, where, login, marker, signal),
        () => createIssue(api, where, { title, body: shown(body) }, signal),
        signal,
      );
      return value;
    },
    async editedIssue(number, known, signal) {
      const issue = await oneIssue(api, where, number, signal);
      if (issue === null) return null;
      const open = issue.state === 'open';
      if (!open || issue.body === known) return { open, body: issue.body, editors: [], mayAll: false };
      const { body, editors } = await editorsOf(api, where, await me(signal), number, signal);
      let mayAll = editors !== null;
      for (const login of editors ?? []) mayAll &&= await triggers.mayWrite(login, signal);
      return { open, body, editors, mayAll };
    },
    editIssue: (number, body, inPlaceOf, signal) =>
      inTurn(async () => {
        await pace(signal);
        // A person may have ticked a box since it was read: a moment is left in which that is lost, and no more.
        if ((await oneIssue(api, where, number, signal))?.body !== inPlaceOf) return false;
        return editIssue(api, where, number, shown(body), signal);
      }, signal),
    rewritePull: (pull, body, signal) => inTurn(() => pace(signal).then(() => rewritePull(api, where, pull, shown(body), signal)), signal),
    dress: (pull, form, signal) => inTurn(() => pace(signal).then(() => dressPull(api, where, pull, form, signal)), signal),
    async openPull(wanted, signal) {
      const { value } = await write(
        () => pullThere(api, ends, wanted, signal),
        () => createPull(api, ends, { ...wanted, body: shown(wanted.body) }, signal),
        signal,
      );
      const { number, url, state, draft } = value;
      return { number, url, ...(state === 'open' ? (draft ? { draft } : {}) : { state }) };
    },
  };
}
