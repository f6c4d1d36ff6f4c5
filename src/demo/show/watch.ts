import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TaskId } from '../../core/model/task.ts';
import { readJournals } from '../agent/journal.ts';
import type { Child } from '../ground/child.ts';
import type { FateName } from '../ground/fates.ts';
import { type Evidence, gatherEvidence, type Scene } from '../judge/evidence.ts';
import { judge, type Verdict } from '../judge/judge.ts';
import { createCensus } from '../world/census.ts';
import { createPeople, type Sight } from '../world/people.ts';
import { SETTINGS } from '../world/world.ts';
import { createNews } from './progress.ts';
import type { Screen } from './screen.ts';

export interface WatchScene extends Scene {
  readonly daemon: Child;
  readonly mark: string;
}

export interface Cast {
  readonly tasks: ReadonlyMap<FateName, TaskId>;
  readonly scripted: boolean;
  readonly speed: number;
}

export interface Outcome {
  readonly verdicts: readonly Verdict[];
  /** Why it ended before every fate was decided. */
  readonly trouble: string | null;
}

const LOOK_EVERY = 120;
/** How long all may be quiet before a fate that is not as it should be is taken for decided. */
const QUIET_ENOUGH = 2500;
const CLAUDE_LIMIT = 15 * 60_000;
/** How long nothing may happen. A slow machine takes longer for all of it, and is no fault of a fate. */
const stillLimit = ({ scripted, speed }: Cast): number => (scripted ? 40_000 + 10_000 / speed : CLAUDE_LIMIT);
const LONGEST = 5 * 60_000;

/** Plays the people, tells what happens, and judges, until every fate is as it should be, or all is quiet, or the time is up. */
export async function watchFates(scene: WatchScene, cast: Cast, screen: Screen, signal: AbortSignal): Promise<Outcome> {
  const { folder, forge, daemon, mark } = scene;
  const census = createCensus(mark);
  const people = createPeople(folder.widgets, forge, cast.tasks, cast.scripted);
  const news = createNews((fate) => cast.tasks.get(fate) ?? null);
  const end = Date.now() + Math.max(LONGEST, stillLimit(cast));
  let deadline = Date.now() + stillLimit(cast);
  let requests = 0;
  let quietSince: number | null = null;

  const evidence = (sight: Sight): Promise<Evidence> =>
    gatherEvidence(scene, { ...cast, ...sight, slots: SETTINGS.slots, acts: people.acts() });

  for (;;) {
    census.take();
    const sight: Sight = { journals: readJournals(folder.agents), lives: census.lives(), peak: census.peak() };
    const [asked, acts] = await Promise.all([forge.journal(requests), people.act(sight)]);
    requests = asked.at(-1)?.seq ?? requests;
    const happened = [...news.fromAgents(sight), ...news.fromPeople(acts), ...news.fromForge(asked)];
    screen.tell(happened.toSorted((a, b) => a.at - b.at));
    if (happened.length > 0 || !isServing(folder.widgets)) deadline = Math.min(Date.now() + stillLimit(cast), end);
    const trouble = troubleOf(daemon, deadline, signal);
    if (trouble !== null) return { verdicts: judge(await evidence(sight)), trouble };

    const isQuiet = people.isIdle(sight) && sight.lives.every((life) => life.goneBy !== null) && nothingWaits(folder.widgets);
    if (!isQuiet) quietSince = null;
    else {
      quietSince ??= Date.now();
      const verdicts = judge(await evidence(sight));
      if (verdicts.every((verdict) => verdict.ok) || Date.now() - quietSince > QUIET_ENOUGH) return { verdicts, trouble: null };
    }
    await sleep(LOOK_EVERY, undefined, { signal }).catch(() => undefined);
  }
}

function troubleOf(daemon: Child, deadline: number, signal: AbortSignal): string | null {
  if (signal.aborted) return 'ended from outside before every fate was decided';
  if (!daemon.isRunning()) return 'the daemon ended by itself';
  return Date.now() > deadline ? 'the time is up' : null;
}

/** The daemon has begun. Before that it may try the ways out of the sandbox, which takes a slow machine a minute. */
const isServing = (widgets: string): boolean => existsSync(join(widgets, '.tac8/http.json'));

/** The board shows no line that waits or is worked on. It only tells when to look: the verdict does not rest on it. */
function nothingWaits(widgets: string): boolean {
  const board = join(widgets, 'tasks.md');
  return existsSync(board) && !/^(?:[-*] )?\[(?: ?\]|🟡)/mu.test(readFileSync(board, 'utf8'));
}
