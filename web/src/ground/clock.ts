import { computed, signal } from '@preact/signals';

const SECOND = 1000;

/** How far the daemon's clock is ahead of the browser's. */
const ahead = signal(0);
const beat = signal(Date.now());

setInterval(() => {
  // As ages are told, to the second: answers come many times in one.
  if (Math.abs(Date.now() - beat.peek()) >= SECOND) beat.value = Date.now();
}, SECOND);

/** What the daemon calls now, to the second; whoever reads it is drawn anew each second. */
export const now = computed(() => beat.value + ahead.value);

/** An answer bears the daemon's time: ages are told by its clock, not by the phone's. */
export function setClock(theirs: string): void {
  const ms = Date.parse(theirs);
  if (Number.isNaN(ms)) return;
  const difference = ms - Date.now();
  // The way of the answer takes some ms; a clock that hops about by them would draw everything anew.
  if (Math.abs(difference - ahead.peek()) > SECOND) ahead.value = difference;
  // As ages are told, to the second: answers come many times in one.
  if (Math.abs(Date.now() - beat.peek()) >= SECOND) beat.value = Date.now();
}
