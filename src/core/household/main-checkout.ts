import type { MainKept } from '../model/household.ts';
import type { Run } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import type { Draft } from '../tick/draft.ts';
import type { World } from '../tick/world.ts';

/** The name of the stored fact. */
export const MAIN_FACT = 'main-checkout';
export const MAIN_CHANGED = 'main-changed';
/** An alarm that nobody answers is said for so long. */
const ALARM_FOR: Ms = 24 * 60 * 60_000;
const NAMED = 8;

/**
 * Workers have no business in the main checkout: what turns up there while they run is an alarm. What was there before, and what comes while
 * none runs, is a person's. Taking the same look in twice changes nothing.
 */
export function watchMain(draft: Draft, world: World, now: Ms): void {
  const { main, mainKept } = world.upkeep;
  if (!main.known) {
    if (main.since > 0 && liveRuns(draft).length > 0)
      draft.note(null, `tac8 does not know whether workers change the main checkout: ${main.because}`);
    return tellAlarms(draft, mainKept);
  }
  const { paths, worked } = main.value;
  const before = new Set([...(mainKept?.paths ?? paths), ...main.value.before]);
  const fresh = worked ? paths.filter((path) => !before.has(path)) : [];
  const there = new Set(paths);
  const stand = (mainKept?.alarms ?? []).filter(({ path, at }) => there.has(path) && now - at < ALARM_FOR);
  const kept: MainKept = { paths, alarms: [...stand, ...fresh.map((path) => ({ path, at: main.at }))] };
  if (JSON.stringify(kept) !== JSON.stringify(mainKept)) draft.remember(MAIN_FACT, kept);
  if (fresh.length > 0) {
    const only = liveRuns(draft).length === 1 ? liveRuns(draft)[0] : undefined;
    draft.say(MAIN_CHANGED, `in the main checkout, while ${whoRan(draft)}: ${named(fresh)}`, only?.task ?? null, only?.id ?? null);
  }
  tellAlarms(draft, kept);
}

function tellAlarms(draft: Draft, kept: MainKept | null): void {
  if (kept === null || kept.alarms.length === 0) return;
  const paths = kept.alarms.map(({ path }) => path);
  draft.note(null, `the main checkout changed while workers ran: ${named(paths)}; if that was not you, an agent left its worktree`);
}

const liveRuns = (draft: Draft): Run[] => [...draft.runs.values()].filter(({ state }) => state === 'running' || state === 'stopping');

function whoRan(draft: Draft): string {
  const live = liveRuns(draft).map(({ id, task }) => `${id} (${task})`);
  return live.length === 0 ? 'a worker ran' : `${live.slice(0, 3).join(', ')}${live.length > 3 ? ' and others' : ''} ran`;
}

const named = (paths: readonly string[]): string =>
  paths.length <= NAMED ? paths.join(', ') : `${paths.slice(0, NAMED).join(', ')} and ${paths.length - NAMED} more`;
