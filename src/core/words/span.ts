import type { Ms } from '../model/seen.ts';

/*
 * How long something takes, in the four forms that people read it in. A space stands between number and unit, but in the form that
 * `tac8.yaml` is written in.
 */

const two = (n: number): string => String(n).padStart(2, '0');

/** For what goes on changing: `3 s`, `4 m`, `2 h 10 m`, `3 d`. */
export function age(ms: Ms): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} m`;
  return `${Math.floor(hours / 24)} d`;
}

/** For what has ended: `0.4 s`, `12 s`, `3 m 05 s`, `2 h 10 m`. */
export function duration(ms: Ms): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m ${two(Math.floor(seconds % 60))} s`;
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} m`;
}

/** How long somebody waited: with tenths of a second below a minute (`12.4 s`), else as `duration` writes it. */
export const waited = (ms: Ms): string => (ms < 60_000 ? `${(Math.max(0, ms) / 1000).toFixed(1)} s` : duration(ms));

/** As the setting is written that it is held against: `2h`, `15m`, `1.5s`. */
export function asWritten(exact: Ms): string {
  const ms = Math.round(exact);
  return ms % 3_600_000 === 0 ? `${ms / 3_600_000}h` : ms % 60_000 === 0 ? `${ms / 60_000}m` : `${ms / 1000}s`;
}
