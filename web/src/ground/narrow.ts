import { signal } from '@preact/signals';

const query = matchMedia('(max-width: 40rem)');

/** The window is as narrow as a phone's, as the style sheets have it. */
export const isNarrow = signal(query.matches);
query.addEventListener('change', ({ matches }) => {
  isNarrow.value = matches;
});
