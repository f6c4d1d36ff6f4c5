import { signal } from '@preact/signals';
import { ask, order } from '../link/ask.ts';
import type { Done, Previewed, TaskRow } from '../link/contract.ts';
import type { Act } from './acts.ts';

/** What is asked for and waits for words or a yes; null: nothing. */
export const asked = signal<{ readonly act: Act; readonly task: TaskRow } | null>(null);

/** What came of an order, in the daemon's words. */
export interface Outcome {
  readonly id: number;
  readonly what: string;
  readonly tone: 'waits' | 'good' | 'bad';
  readonly text: string;
  /** Where it leads to; null: nowhere. */
  readonly link: string | null;
}

/** The newest orders; a good one goes by itself. */
export const outcomes = signal<readonly Outcome[]>([]);

const SHOWN = 3;
const GOES_AFTER = 8_000;
let last = 0;

export function forget(id: number): void {
  outcomes.value = outcomes.value.filter((one) => one.id !== id);
}

/** Does it at once where nothing has to be said and no work could end; else asks first. */
export function begin(act: Act, task: TaskRow): void {
  if (act.ends === null && act.words === null) void send(`tasks/${task.id}/${act.verb}`, act.body ?? {}, `${act.name} ${task.id}`);
  else asked.value = { act, task };
}

/** So often a daemon that has not done it yet is asked whether it has. */
const ASK_AGAIN = 2_000;

/** Has the daemon do it, and shows what came of it: never what was hoped. */
export async function send(path: string, body: unknown, what: string): Promise<void> {
  last += 1;
  const id = last;
  const show = (tone: Outcome['tone'], text: string, link: string | null = null): void => {
    outcomes.value = [...outcomes.value.filter((one) => one.id !== id), { id, what, tone, text, link }].slice(-SHOWN);
  };
  show('waits', 'the daemon was asked …');
  let answer = await order<Done | Previewed>(path, body);
  // Whoever closes it, or asks for much else, does not want to know any more.
  const isWanted = (): boolean => outcomes.peek().some((one) => one.id === id);
  while (answer.ok && !answer.value.ok && isWanted()) {
    const { request, message } = answer.value;
    show('waits', message);
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN));
    const later = await ask<Done>(`requests/${request}`);
    // One that does not answer just now may have done it, and tells once it is back.
    if (later.ok ? later.value.ok : later.status === 404 || later.status === 409) answer = later;
  }
  // A refusal is told all the same.
  if (!isWanted() && answer.ok) return;
  if (!answer.ok) return show('bad', answer.status === null ? `${answer.why}: whether it heard of this shows once it is back` : answer.why);
  // A link waits until it is followed.
  if ('url' in answer.value) return show('good', answer.value.message, answer.value.url);
  show('good', answer.value.message);
  setTimeout(() => forget(id), GOES_AFTER);
}
