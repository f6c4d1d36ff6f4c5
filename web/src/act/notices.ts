import { effect, signal } from '@preact/signals';
import { newlyNeeding } from '../fleet/groups.ts';
import { plain } from '../ground/words.ts';
import type { TaskRow } from '../link/contract.ts';
import { fleet } from '../link/fleet.ts';
import { taskAddress } from '../link/route.ts';

const WANTED = 'tac8-notices';

function stored(): boolean {
  try {
    return localStorage.getItem(WANTED) === 'yes';
  } catch {
    return false;
  }
}

export const canNotify = 'Notification' in globalThis;
/** Whether this browser tells when a task begins to need a person: by choice. */
export const isTelling = signal(canNotify && stored() && Notification.permission === 'granted');

export async function setTelling(wanted: boolean): Promise<void> {
  isTelling.value = wanted && (await Notification.requestPermission()) === 'granted';
  try {
    localStorage.setItem(WANTED, isTelling.value ? 'yes' : 'no');
  } catch {
    // It holds for as long as the page is open.
  }
}

/** Tells for as long as the page is open, where that is wanted and nobody looks. */
export function tell(): void {
  let before: readonly TaskRow[] = [];
  effect(() => {
    const tasks = fleet.value?.tasks ?? [];
    const news = newlyNeeding(before, tasks);
    before = tasks;
    if (!isTelling.peek() || document.visibilityState === 'visible') return;
    for (const { id, title, question, reason, run } of news) {
      const note = new Notification(`${id}: ${plain(title)}`, {
        body: plain(question ?? reason?.message ?? run?.problem?.message ?? ''),
        tag: id,
        icon: '/icon.svg',
      });
      note.addEventListener('click', () => {
        focus();
        location.hash = taskAddress(id);
      });
    }
  });
}
