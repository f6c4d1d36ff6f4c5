import { signal } from '@preact/signals';
import { ACTS } from './acts.ts';
import { Dialog } from './dialog.tsx';

export const isHelpOpen = signal(false);

const KEYS: readonly { readonly title: string; readonly keys: readonly (readonly [string, string])[] }[] = [
  {
    title: 'Everywhere',
    keys: [
      ['Ctrl K', 'commands'],
      ['?', 'these keys'],
      ['Esc', 'back'],
    ],
  },
  {
    title: 'Fleet',
    keys: [
      ['j k', 'next, previous task'],
      ['Enter', 'open it'],
      ['/', 'search in all logs'],
    ],
  },
  {
    title: 'Board',
    keys: [
      ['j k', 'next, previous task'],
      ['J K', 'move it down, up'],
      ['0 1 2 3', 'its priority'],
      ['a', 'a new task'],
      ['A', 'accept an edit that is held'],
      ['Ctrl Enter', 'save'],
    ],
  },
  {
    title: 'Transcript',
    keys: [
      ['j k', 'next, previous step'],
      ['o', 'open or close it'],
      ['e E', 'next error, errors only'],
      ['/ n N', 'find, next, previous'],
      ['g G', 'first, last step'],
      ['1 2 3 4 5', 'transcript, changes, why, runs, saved'],
    ],
  },
  {
    title: 'Changes',
    keys: [
      ['j k', 'next, previous line that was added'],
      ['Enter', 'to the step that wrote it'],
    ],
  },
  { title: 'The task', keys: ACTS.map(({ key, name }) => [key, name.toLowerCase()] as const) },
];

export function Help() {
  return (
    <Dialog
      title="Keys"
      closes
      onClose={() => {
        isHelpOpen.value = false;
      }}
    >
      <div class="keys">
        {KEYS.map(({ title, keys }) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {keys.map(([key, what]) => (
                <div key={`${key} ${what}`}>
                  <dt>
                    {key.split(' ').map((one) => (
                      <kbd key={one}>{one}</kbd>
                    ))}
                  </dt>
                  <dd>{what}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
