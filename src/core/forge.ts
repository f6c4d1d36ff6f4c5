import type { Ms } from './seen.ts';

export interface Issue {
  readonly number: number;
  readonly title: string;
  /** As on the forge, unsanitised. */
  readonly body: string;
  readonly author: string | null;
  readonly labels: readonly string[];
  readonly url: string;
  readonly createdAt: Ms;
  readonly updatedAt: Ms;
}

export interface Pull {
  readonly number: number;
  readonly url: string;
  readonly title: string;
  readonly body: string;
  readonly author: string | null;
  readonly state: 'open' | 'closed' | 'merged';
  readonly draft: boolean;
  /** Branch name, and the owner of the repository it is in: a fork may hold the same name. */
  readonly head: { readonly branch: string; readonly owner: string | null; readonly commit: string };
}

/** Who put the label on (the newest `labeled` event not followed by `unlabeled`), and whether they may start work. */
export interface Trigger {
  readonly actor: string | null;
  readonly at: Ms | null;
  readonly allowed: boolean;
  /** One sentence, for `tac8 why`. */
  readonly why: string;
}
