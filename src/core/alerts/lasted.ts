import type { Ms } from '../seen.ts';

/** How long something lasts, for a notice: `90 s`, `5 m`, `2 h 10 m`. */
export function lasted(ms: Ms): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} m` : `${Math.floor(minutes / 60)} h ${minutes % 60} m`;
}
