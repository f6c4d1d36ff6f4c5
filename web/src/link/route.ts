import { signal } from '@preact/signals';

/** Views beside the fleet and a task, by their word in the address. */
export const VIEWS = ['board', 'charts', 'search', 'setup'] as const;

/** Where the reader is: the address after `#`. `#/` the fleet, `#/task/gh-4?step=120` a step of a task. */
export interface Route {
  readonly view: 'fleet' | 'task' | (typeof VIEWS)[number];
  readonly task: string | null;
  readonly query: URLSearchParams;
}

function read(): Route {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  const [view, task] = path.split('/');
  const given = new URLSearchParams(query);
  if (view === 'task' && task !== undefined && task !== '') return { view: 'task', task: decoded(task), query: given };
  return { view: VIEWS.find((one) => one === view) ?? 'fleet', task: null, query: given };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A half-written address names nothing; it is shown as it stands.
    return text;
  }
}

export const route = signal<Route>(read());
let shown = location.hash;
function arrive(): void {
  if (location.hash === shown) return;
  shown = location.hash;
  route.value = read();
}
addEventListener('hashchange', arrive);

export const taskAddress = (task: string, query: Readonly<Record<string, string>> = {}): string => {
  const given = new URLSearchParams(query).toString();
  return `#/task/${encodeURIComponent(task)}${given === '' ? '' : `?${given}`}`;
};

/** At once, not with the browser's word of it, which comes later: a key that is pressed meanwhile is meant for the view that was asked for. */
export function go(address: string): void {
  location.hash = address;
  arrive();
}
