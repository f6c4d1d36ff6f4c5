import { uptime } from 'node:os';
import type { Clock } from '../../engine/ports/machine/clock.ts';

const two = (n: number): string => String(n).padStart(2, '0');
/** setTimeout takes at most 2³¹ − 1 ms; a longer sleep is woken early, which harms nobody. */
const LONGEST = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  // Not `performance.now()`: that stands still while the machine sleeps.
  steady: () => uptime() * 1_000,
  at(time, wake) {
    const timer = setTimeout(wake, Math.min(Math.max(0, time - Date.now()), LONGEST));
    return () => clearTimeout(timer);
  },
  spent() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  },
  local(time) {
    const date = new Date(time);
    const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
    return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  },
  startOfDay(time) {
    const date = new Date(time);
    date.setHours(0, 0, 0, 0);
    return date.getTime();
  },
};
