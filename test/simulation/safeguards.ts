import type { RunId } from '../../src/core/model/task.ts';
import { reconcile } from '../../src/core/reconcile.ts';
import { RECORD_GRACE } from '../../src/core/watch/supervise.ts';

/** What can be taken away, to see that the simulation would notice. */
export const SAFEGUARDS = [
  'intent record',
  'start time',
  'boot id',
  'salvage',
  'compare-and-set',
  'look before post',
  'partial lists',
  'mass-death hold',
  'unknown is not absent',
  'daemon lock',
  'STOP consumption',
] as const;
export type Safeguard = (typeof SAFEGUARDS)[number];

/** Decides as ever, but does not wait when most workers seem gone at once. */
export const withoutHold: typeof reconcile = (world, policy, now) => {
  const goneSince = new Map<RunId, number>();
  for (const [run, since] of world.goneSince) goneSince.set(run, now - since >= RECORD_GRACE ? Number.NEGATIVE_INFINITY : since);
  return reconcile({ ...world, goneSince }, policy, now);
};
