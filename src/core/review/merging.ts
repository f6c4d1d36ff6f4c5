/** Whether an open pull can be merged, as the forge has worked it out. */
export interface Merging {
  /** Its head, which all of this is about. */
  readonly commit: string;
  /** The branch that it goes into, which people and the forge may change; left out: not told. */
  readonly base?: string;
  /** Null: the forge has not worked it out yet. */
  readonly merges: boolean | null;
  /** Nothing keeps it from being merged now: no conflict, no rule of the base branch, no draft. */
  readonly isClean: boolean;
}

/** What came of the wish that a green pull is merged. */
export type Merge =
  /** The forge merges it as soon as the rules of the base branch let it. */
  | { readonly kind: 'armed' }
  | { readonly kind: 'merged' }
  | {
      readonly kind: 'waits';
      readonly why: string;
      /** The forge is still working it out: it is asked again with the next look. */
      readonly isSoon?: true;
    };

/** That the forge does not merge any more what it was asked to merge. */
export interface LetGo {
  /** The forge's own name of it: the same for the same end. */
  readonly id: string;
  readonly why: 'checks' | 'conflict' | 'person' | 'other';
  /** For people. */
  readonly words: string;
  /** The commit that checks were run on in a merge queue: the pull behind all that is before it there. Null: there is none. */
  readonly commit: string | null;
}
