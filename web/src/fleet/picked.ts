import { signal } from '@preact/signals';

/** The task that a key would act on; null: none. */
export const picked = signal<string | null>(null);
