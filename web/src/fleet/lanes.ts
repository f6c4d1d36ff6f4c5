import type { Timeline } from '../link/contract.ts';

type Bar = Timeline['bars'][number];

/** Bars on as few lanes as they fit on, in the order in which they began: each takes the first lane that is free. */
export function lanesOf(bars: readonly Bar[]): readonly (readonly Bar[])[] {
  const lanes: Bar[][] = [];
  const freeFrom: number[] = [];
  for (const bar of [...bars].sort((a, b) => Date.parse(a.started_at) - Date.parse(b.started_at))) {
    const from = Date.parse(bar.started_at);
    const found = freeFrom.findIndex((free) => free <= from);
    const lane = found === -1 ? lanes.length : found;
    if (found === -1) lanes.push([]);
    lanes[lane]?.push(bar);
    freeFrom[lane] = bar.ended_at === null ? Number.POSITIVE_INFINITY : Date.parse(bar.ended_at);
  }
  return lanes;
}

/** Whole steps of the clock between two times, few enough to be read. */
export function ticksBetween(from: number, to: number): readonly number[] {
  const minute = 60_000;
  const steps = [1, 5, 15, 30, 60, 120, 240, 720, 1440, 2880].map((minutes) => minutes * minute);
  const step = steps.find((one) => (to - from) / one <= 8) ?? 1440 * minute;
  const ticks: number[] = [];
  for (let at = Math.ceil(from / step) * step; at < to; at += step) ticks.push(at);
  return ticks;
}
